"""`make bench-steps`: what each step of a picture costs, in this process, without a socket."""

import argparse
import asyncio
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import orjson

from benchmarks import bodies, machine, pictures
from benchmarks.calls import App, receive_of, scope_of
from benchmarks.servers import ROOT
from benchmarks.timing import time_async, time_call, time_ready
from service.api.predict.multipart import cut_form
from service.api.predict.query import OptionsReader
from service.api.predict.response import describe_picture
from service.api.predict.upload import read_upload
from service.config.settings import Settings
from service.fashion_mnist import Rows, to_rows
from service.images.picture import Picture
from service.images.read import read_picture
from service.model.classifier import Classifier
from service.model.confidence import Confidence
from service.model.examined import ExaminedModel
from service.model_file.examiner import examine

TAKEN: Final = 256
"""Pictures that are gone through in turn."""

BATCHES: Final = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)
SHIPPED_BATCHES: Final = (1, 32)
TOGETHER: Final = 64

Timed = Iterator[tuple[str, float, int]]
"""What was timed, the microseconds it took, and for how many pictures."""


def main() -> None:
    """Print each step as it is measured, and write all of them as JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.steps", description=__doc__)
    parser.add_argument("--output", type=Path, default=ROOT / "build" / "steps.json")
    output = parser.parse_args().output
    found = []
    for title, microseconds, count in steps():
        each = f"{microseconds / count:8.2f} µs a picture" if count > 1 else ""
        print(f"{title:42s} {microseconds:10.1f} µs {each}", flush=True)
        found.append({"step": title, "microseconds": microseconds, "pictures": count})
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps({"machine": machine.describe(), "steps": found}, indent=1) + "\n")


def steps() -> Timed:
    """Yield all steps in the order of a picture's way, then the whole of it."""
    settings = Settings(access_log=False, model_path=ROOT / "models" / "dropout.h5")
    model, shipped = map(_opened, (settings.model_path, ROOT / "models" / "best-model.h5"))
    files = [pictures.to_png(one) for one in pictures.test_pixels()[:TAKEN]]
    forms = [bodies.form("file", [file]) for file in files]
    yield from body_steps("raw", list(map(bodies.raw, files)), settings)
    yield from body_steps("form", forms, settings)
    boundary, data = bodies.BOUNDARY.encode(), [form.data for form in forms]
    yield "  of this, cut the form", time_ready(lambda one: cut_form(one, boundary, 1), data), 1
    yield from picture_steps(files, model, settings)
    yield from engine_calls("the engine", model, BATCHES)
    yield from engine_calls("the engine, the shipped model", shipped, SHIPPED_BATCHES)
    for name, whole in (("raw", list(map(bodies.raw, files))), ("form", forms)):
        for together in (1, TOGETHER):
            app = App(settings, model)
            spent = asyncio.run(time_async(app.turns(whole, together)))
            yield f"the whole call, {name}, {together} at once", spent, together


def body_steps(name: str, whole: Sequence[bodies.Body], settings: Settings) -> Timed:
    """Yield what it costs to read the picture's bytes from a request."""
    requests = [(scope_of(body), receive_of(body)) for body in whole]

    def read(request: tuple[Any, Any]) -> Any:
        return read_upload(*request, settings.max_image_bytes)

    yield f"read the upload, {name}", time_ready(read, requests), 1


def picture_steps(files: list[bytes], model: ExaminedModel, settings: Settings) -> Timed:
    """Yield the steps from the bytes of a picture to the bytes of its answer."""
    options = OptionsReader(settings.min_confidence).read({"query_string": b""})

    def read(file: bytes) -> Any:
        return read_picture(file, options.fit, max_pixels=settings.max_pixels)

    read_pictures = [read(file) for file in files]
    pixels = [picture.pixels[None] for picture in read_pictures]
    classifier, confidence = Classifier(model.graph), Confidence(model.facts.confidence)
    numbers = [classifier.answer(to_rows(one))[0] for one in pixels]
    both = list(zip(read_pictures, numbers, strict=True))

    def describe(one: tuple[Picture, Rows]) -> dict[str, Any]:
        picture, answer = one
        return describe_picture(picture, confidence.calibrate(answer, "exact"), options)

    answers = list(map(describe, both))
    yield "decode", time_call(read, files), 1
    yield "to_rows", time_call(to_rows, pixels), 1
    yield "build the answer", time_call(describe, both), 1
    yield "orjson", time_call(orjson.dumps, answers), 1


def engine_calls(name: str, model: ExaminedModel, sizes: Sequence[int]) -> Timed:
    """Yield what one call of the engine costs, by the size of the batch."""
    classifier, pixels = Classifier(model.graph), pictures.test_pixels()
    for size in sizes:
        rows = to_rows(np.resize(pixels, (size, *pixels.shape[1:])))
        yield f"{name}, batch of {size:,}", time_call(classifier.probabilities, [rows]), size


def _opened(path: Path) -> ExaminedModel:
    return ExaminedModel.from_bytes(examine(path))


if __name__ == "__main__":
    main()
