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
from service.fashion import SIDE, Pixels
from service.images.border import border_of
from service.images.colour import Colour, distance_to, grey_of
from service.images.decode import open_image, to_colour
from service.images.foreground import TRIMMED, cut_out, foreground, largest_pieces
from service.images.photograph import box_of, draw
from service.images.quality import inspect_photograph
from training.appraisal import AMONG
from training.calibration import is_right
from training.cutouts import MAX_PIXELS
from training.photographs import Photograph, find_photographs
from training.verdicts import Judge

TIMED: Final = 64
"""Photographs that the steps are timed with."""

Way = Callable[[Colour], Pixels]
"""From a photograph uint8[height, width, 3] to what a model sees, uint8[28, 28]."""


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
        pixels = np.stack([way(colour) for colour in colours])
        told = Judge(file).answer(pixels, "photograph").probabilities
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
    both = [(colour, foreground(colour)) for colour in colours]
    boxes = [box_of(mask) for _, mask in both]
    longest = [max(box.right - box.left, box.bottom - box.top) for box in boxes]
    yield "decode, upright, reduced", time_call(reduced, photographs)
    yield "find the garment", time_call(foreground, colours)
    yield "draw it in 28×28", time_call(lambda one: draw(*one), both)
    judged = [(*one, length) for one, length in zip(both, longest, strict=True)]
    yield "look for what to warn of", time_call(lambda one: inspect_photograph(*one), judged)


def _whole(colour: Colour) -> Pixels:
    return draw(colour, foreground(colour))


def _everyones(colour: Colour) -> Pixels:
    grey = Image.fromarray(colour).convert("L")
    return np.asarray(grey.resize((SIDE, SIDE), Image.Resampling.LANCZOS))


def _unsegmented(colour: Colour) -> Pixels:
    return draw(colour, np.ones(colour.shape[:2], bool))


def _by_border(colour: Colour) -> Pixels:
    """Take for garment what differs from the border's colour, whatever the border is."""
    return draw(colour, largest_pieces(distance_to(colour, border_of(colour).colour) > TRIMMED))


def _by_grabcut(colour: Colour) -> Pixels:
    return draw(colour, largest_pieces(cut_out(colour)))


def _one_look(colour: Colour) -> Pixels:
    return draw(colour, foreground(colour, rounds=1))


def _uncropped(colour: Colour) -> Pixels:
    mask = foreground(colour)
    mask[0, 0] = mask[-1, -1] = True  # the box around them is the whole picture
    return draw(colour, mask)


def _with_background(colour: Colour) -> Pixels:
    mask = foreground(colour)
    box = box_of(mask)
    whole = np.zeros_like(mask)
    whole[box.top : box.bottom, box.left : box.right] = True
    return draw(colour, whole)


def _not_negated(colour: Colour) -> Pixels:
    return draw(np.asarray(255 - colour, np.uint8), foreground(colour))


def _stretched(colour: Colour) -> Pixels:
    """Give every garment the whole range of greys."""
    mask = foreground(colour)
    grey = grey_of(colour)
    low, high = np.percentile(grey[mask] if mask.any() else grey, (1, 99))
    even = np.clip((grey - low) / max(high - low, 1) * 255, 0, 255).astype(np.uint8)
    return draw(np.repeat(even[:, :, None], 3, axis=2), mask)


def _not_averaged(colour: Colour) -> Pixels:
    """Take one of the pixels that become one, not their average."""
    mask = foreground(colour)
    box = box_of(mask)
    length = max(box.right - box.left, box.bottom - box.top)
    places = np.minimum(((np.arange(SIDE) + 0.5) * length / SIDE).astype(int), length - 1)
    rows = box.top + places[places < box.bottom - box.top]
    columns = box.left + places[places < box.right - box.left]
    return draw(colour[np.ix_(rows, columns)], mask[np.ix_(rows, columns)])


WHOLE: Final = "the whole way"
USUAL: Final = "none of it: grey, shrunk to 28×28"

WAYS: Final[Mapping[str, Way]] = {
    WHOLE: _whole,
    "plain backgrounds by GrabCut too": _by_grabcut,
    "all backgrounds by the border's colour, no GrabCut": _by_border,
    "one round of GrabCut in the place of four": _one_look,
    "no segmentation: all of the picture is the garment": _unsegmented,
    "the background inside the garment's box kept": _with_background,
    "not cropped to the garment": _uncropped,
    "not negated": _not_negated,
    "greys stretched for each garment": _stretched,
    "pixels picked, not averaged": _not_averaged,
    USUAL: _everyones,
}


if __name__ == "__main__":
    main()
