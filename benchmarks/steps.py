"""`make bench-steps`: what each step of a prediction costs, in this process, without a socket."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Sequence
from pathlib import Path
from statistics import median
from timeit import repeat
from typing import Any, Final

import httpx
import numpy as np
import orjson
from starlette.types import ASGIApp, Message, Receive, Scope

from benchmarks import payloads
from benchmarks.payloads import ROOT
from service.api.app import create_app
from service.api.predict.request import OptionsReader, read_upload
from service.api.predict.response import describe_picture
from service.config.settings import Settings
from service.fashion_mnist import to_rows
from service.images.read import read_picture
from service.model.classifier import Classifier
from service.model.confidence import Confidence
from service.model.examined import ExaminedModel
from service.model_file.examiner import examine

PICTURES: Final = 256
REPEATS: Final = 15
URL: Final = "http://127.0.0.1/predict"
BATCHES: Final = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)
SHIPPED_BATCHES: Final = (1, 32)
TOGETHER: Final = 64
"""Requests that the app gets at once."""

Timed = Iterator[tuple[str, float]]
"""Steps and their microseconds."""


def main() -> None:
    """Print each step as it is measured."""
    settings = Settings(access_log=False, model_path=ROOT / "models" / "dropout.h5")
    model, shipped = _open(settings.model_path), _open(ROOT / "models" / "best-model.h5")
    files = [payloads.to_png(one) for one in payloads.read_pixels()[:PICTURES]]
    bodies = {
        "raw": [payloads.raw(URL, file) for file in files],
        "form": [payloads.form(URL, "file", file) for file in files],
    }
    for timed in (
        upload_steps(bodies, settings),
        picture_steps(files, model, settings),
        engine_calls("the engine", model, BATCHES),
        engine_calls("the engine, the shipped model", shipped, SHIPPED_BATCHES),
        whole_calls(bodies, model, settings),
    ):
        for title, microseconds in timed:
            print(f"| {title:42s} | {microseconds:8.1f} |", flush=True)


def upload_steps(bodies: dict[str, list[httpx.Request]], settings: Settings) -> Timed:
    """Yield what it costs to read a picture's bytes from a request."""
    for kind, made in bodies.items():
        calls = [(*to_asgi(one), settings.max_image_bytes) for one in made]
        yield (
            f"read the upload, {kind}",
            time_call(lambda call: _finish(read_upload(*call)), calls),
        )


def picture_steps(files: Sequence[bytes], model: ExaminedModel, settings: Settings) -> Timed:
    """Yield the steps from the bytes of a picture to the bytes of its answer."""
    options = OptionsReader(settings.min_confidence).read({"query_string": b""})
    pictures = [read_picture(one, options.fit, max_pixels=settings.max_pixels) for one in files]
    rows = [to_rows(picture.views) for picture in pictures]
    classifier, confidence = Classifier(model.graph), Confidence(model.facts.confidence)
    calibrated = [confidence.calibrate(classifier.predict(one)[0], "exact") for one in rows]
    both = list(zip(pictures, calibrated, strict=True))
    answers = [describe_picture(*one, options) for one in both]
    limit = settings.max_pixels
    yield "decode", time_call(lambda file: read_picture(file, options.fit, max_pixels=limit), files)
    yield "to_rows", time_call(lambda picture: to_rows(picture.views), pictures)
    yield "build the answer", time_call(lambda one: describe_picture(*one, options), both)
    yield "orjson", time_call(orjson.dumps, answers)


def engine_calls(name: str, model: ExaminedModel, sizes: Sequence[int]) -> Timed:
    """Yield what one call of the engine costs, by the size of the batch."""
    classifier, pixels = Classifier(model.graph), payloads.read_pixels()
    for size in sizes:
        rows = to_rows(np.resize(pixels, (size, *pixels.shape[1:])))
        calls = [rows] * max(1, PICTURES // size)
        yield f"{name}, batch of {size:,}", time_call(classifier.probabilities, calls)


def whole_calls(
    bodies: dict[str, list[httpx.Request]], model: ExaminedModel, settings: Settings
) -> Timed:
    """Yield what the app takes for one request, and for 64 that come at once."""
    for kind, made in bodies.items():
        app = create_app(settings, model)
        for together in (1, TOGETHER):
            groups = [made[at : at + together] for at in range(0, len(made), together)]
            spent = time_call(lambda each, app=app: asyncio.run(_answer(app, each)), [groups])
            yield f"the whole call, {kind}, {together} at once", spent / len(groups)


def time_call(call: Callable[[Any], object], values: Sequence[Any]) -> float:
    """Return the microseconds of one call: the median over repeats, each with all values."""

    def call_all() -> None:
        for value in values:
            call(value)

    return 1e6 * median(repeat(call_all, number=1, repeat=REPEATS)) / len(values)


def to_asgi(request: httpx.Request) -> tuple[Scope, Receive]:
    """Return a request as an ASGI server would pass it on, the body in one piece."""
    body = request.read()
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "server": ("127.0.0.1", 8000),
        "client": ("127.0.0.1", 50000),
        "scheme": "http",
        "method": request.method,
        "root_path": "",
        "path": request.url.path,
        "raw_path": request.url.raw_path,
        "query_string": b"",
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
    }

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return scope, receive


async def _answer(app: ASGIApp, groups: Sequence[Sequence[httpx.Request]]) -> None:
    """Send the groups one after the other, the requests of a group at once."""

    async def send(message: Message) -> None:
        assert message.get("status", 200) == 200, message

    for group in groups:
        await asyncio.gather(*(app(*to_asgi(one), send) for one in group))


def _finish(coroutine: Coroutine[Any, Any, Any]) -> None:
    """Run a coroutine that never waits, without an event loop."""
    try:
        coroutine.send(None)
    except StopIteration:
        return
    raise RuntimeError("the coroutine waits for something")


def _open(path: Path) -> ExaminedModel:
    return ExaminedModel.from_bytes(examine(path))


if __name__ == "__main__":
    main()
