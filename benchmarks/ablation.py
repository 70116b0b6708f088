"""`make bench-photographs`: what each step of a photograph's way wins, and what it costs.

`python -m benchmarks.ablation DIR --mapping FILE` leaves one step out after the other and asks one
model file, so the file has learned from photographs that went the whole way. `--beside FILE` adds
other files, such as one that has learned without photographs, on the whole way and without any.
"""

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from benchmarks.servers import ROOT
from benchmarks.timing import time_call
from service.fashion_mnist import SIDE, Pixels
from service.images.colour import Colour, Mask, distance_to, grey_of
from service.images.files.decode import open_image, to_colour
from service.images.photograph.border import border_of
from service.images.photograph.foreground import (
    LIKELY,
    TRIMMED,
    cut_out,
    foreground,
    foregrounds,
    largest_pieces,
)
from service.images.photograph.segmenter import segment
from service.images.photograph.to_28x28 import box_of, draw
from service.images.photograph.warnings import inspect_photograph
from service.images.picture import mirrored_views
from training.confidence.calibration import is_right
from training.evaluation.on_photographs import AMONG
from training.evaluation.served_answers import Judge
from training.photographs.folder import Photograph, find_photographs
from training.photographs.variations import MAX_PIXELS
from training.predict import evened

TIMED: Final = 64
"""Photographs that the steps are timed with."""

Masks = Sequence[Mask]
Find = Callable[[Colour], Masks]
Draw = Callable[[Colour, Mask], Pixels]

Way = Callable[[Colour], Pixels]
"""From a photograph uint8[height, width, 3] to what a model is asked about, uint8[n, 28, 28]."""


def main() -> None:
    """Print the table of steps left out, and the table of times."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ablation", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--mapping", type=Path)
    parser.add_argument("--model", type=Path, default=ROOT / "models" / "best-model.h5")
    parser.add_argument("--beside", type=Path, action="append", default=[])
    given = parser.parse_args()
    found = find_photographs(given.folder, given.mapping)
    photographs = [one for one in found.photographs if not one.is_stranger]
    colours = [reduced(one) for one in photographs]
    allowed = np.stack([one.target > 0 for one in photographs])
    print(f"{'photographs right':<52}{'first':>8}{'of three':>10}", flush=True)
    for title, way, file in rows(given.model, given.beside):
        pixels = np.stack([evened(way(colour)) for colour in colours])
        told = Judge(file).answer(pixels, "photo").probabilities
        first, three = (is_right(told, allowed, among).mean() for among in (1, AMONG))
        print(f"{title:<52}{first:>8.3f}{three:>10.3f}", flush=True)
    print(f"\n{'step, of one photograph':<52}{'ms':>8}")
    for title, microseconds in times(photographs[:: max(1, len(photographs) // TIMED)][:TIMED]):
        print(f"{title:<52}{microseconds / 1000:>8.2f}", flush=True)


def rows(model: Path, beside: Sequence[Path]) -> Iterator[tuple[str, Way, Path]]:
    """Yield what is measured: a title, a way from photograph to pixels, and a model file."""
    for title, way in WAYS.items():
        yield title, way, model
    for file in beside:
        for title in (WHOLE, USUAL):
            yield f"{file.name}, {title}", WAYS[title], file


def reduced(photograph: Photograph) -> Colour:
    """Return a photograph as the steps get it: upright, in colour, at most 400 pixels long."""
    return to_colour(open_image(photograph.path.read_bytes(), max_pixels=MAX_PIXELS)).colour


def times(photographs: Sequence[Photograph]) -> Iterator[tuple[str, float]]:
    """Yield the steps in their order, and the microseconds of each."""
    colours = [reduced(one) for one in photographs]
    both = [(colour, foregrounds(colour)[0]) for colour in colours]
    boxes = [box_of(mask) for _, mask in both]
    longest = [max(box.right - box.left, box.bottom - box.top) for box in boxes]
    yield "decode, upright, reduced", time_call(reduced, photographs)
    yield "find the garment in every way", time_call(foregrounds, colours)
    yield "find it by its colours alone", time_call(foreground, colours)
    yield "draw it once in 28×28", time_call(lambda one: draw(*one), both)
    judged = [(*one, length) for one, length in zip(both, longest, strict=True)]
    yield "look for what to warn of", time_call(lambda one: inspect_photograph(*one), judged)


def _views(find: Find, step: Draw = draw) -> Way:
    """Return the way that finds masks, draws each by some step, and mirrors them too."""
    return lambda colour: mirrored_views(np.stack([step(colour, mask) for mask in find(colour)]))


def _everyones(colour: Colour) -> Pixels:
    grey = Image.fromarray(colour).convert("L")
    return np.asarray(grey.resize((SIDE, SIDE), Image.Resampling.LANCZOS))[None]


def _not_mirrored(colour: Colour) -> Pixels:
    return np.stack([draw(colour, mask) for mask in foregrounds(colour)])


def _by_both(colour: Colour) -> Masks:
    return largest_pieces(segment(colour) > LIKELY), largest_pieces(cut_out(colour))


def _by_border(colour: Colour) -> Masks:
    """Take for garment what differs from the border's colour, whatever the border is."""
    return (largest_pieces(distance_to(colour, border_of(colour).colour) > TRIMMED),)


def _uncropped(colour: Colour, mask: Mask) -> Pixels:
    mask = mask.copy()
    mask[0, 0] = mask[-1, -1] = True  # the box around them is the whole picture
    return draw(colour, mask)


def _with_background(colour: Colour, mask: Mask) -> Pixels:
    box = box_of(mask)
    whole = np.zeros_like(mask)
    whole[box.top : box.bottom, box.left : box.right] = True
    return draw(colour, whole)


def _not_negated(colour: Colour, mask: Mask) -> Pixels:
    return draw(np.asarray(255 - colour, np.uint8), mask)


def _stretched(colour: Colour, mask: Mask) -> Pixels:
    """Give every garment the whole range of greys."""
    grey = grey_of(colour)
    low, high = np.percentile(grey[mask] if mask.any() else grey, (1, 99))
    even = np.clip((grey - low) / max(high - low, 1) * 255, 0, 255).astype(np.uint8)
    return draw(np.repeat(even[:, :, None], 3, axis=2), mask)


def _not_averaged(colour: Colour, mask: Mask) -> Pixels:
    """Take one of the pixels that become one, not their average."""
    box = box_of(mask)
    length = max(box.right - box.left, box.bottom - box.top)
    places = np.minimum(((np.arange(SIDE) + 0.5) * length / SIDE).astype(int), length - 1)
    rows = box.top + places[places < box.bottom - box.top]
    columns = box.left + places[places < box.right - box.left]
    return draw(colour[np.ix_(rows, columns)], mask[np.ix_(rows, columns)])


WHOLE: Final = "the whole way"
USUAL: Final = "none of it: grey, shrunk to 28×28"

WAYS: Final[Mapping[str, Way]] = {
    WHOLE: _views(foregrounds),
    "no second cut-out: the first alone": _views(lambda colour: foregrounds(colour)[:1]),
    "no second cut-out: by its colours alone": _views(lambda colour: (foreground(colour),)),
    "not mirrored": _not_mirrored,
    "plain backgrounds by segmenter and GrabCut too": _views(_by_both),
    "all backgrounds by the border's colour": _views(_by_border),
    "no segmentation: all of the picture is the garment": _views(
        lambda colour: (np.ones(colour.shape[:2], bool),)
    ),
    "the background inside the garment's box kept": _views(foregrounds, _with_background),
    "not cropped to the garment": _views(foregrounds, _uncropped),
    "not negated": _views(foregrounds, _not_negated),
    "greys stretched for each garment": _views(foregrounds, _stretched),
    "pixels picked, not averaged": _views(foregrounds, _not_averaged),
    USUAL: _everyones,
}


if __name__ == "__main__":
    main()
