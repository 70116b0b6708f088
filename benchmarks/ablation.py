"""`make bench-photographs`: what each step on a photograph's way gains.

It leaves out one step at a time and asks the same model, which was trained on photographs that
took all steps. `--model` asks another one.
"""

import argparse
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from benchmarks.payloads import ROOT
from service.fashion_mnist import SIDE, Pixels
from service.images.colour import Colour, Mask, distance_to, grey_of
from service.images.files.decode import open_image, to_colour
from service.images.photograph.border import border_of
from service.images.photograph.foreground import (
    BACKGROUND_DISTANCE,
    LIKELY,
    cut_out,
    foreground,
    foregrounds,
    largest_pieces,
)
from service.images.photograph.segmenter import segment
from service.images.photograph.to_28x28 import box_of, draw
from service.images.picture import mirrored_views
from training.confidence.calibration import is_right
from training.evaluation.evaluate import ServedModel
from training.evaluation.on_photographs import TOP
from training.photographs.folder import Photograph, find_photographs
from training.photographs.variations import MAX_PIXELS
from training.predict import four_views

Masks = Sequence[Mask]
Find = Callable[[Colour], Masks]
Draw = Callable[[Colour, Mask], Pixels]

Way = Callable[[Colour], Pixels]
"""From a photograph uint8[height, width, 3] to what the model is asked, uint8[n, 28, 28]."""


def main() -> None:
    """Print how often the model is right without each step."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ablation", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--mapping", type=Path)
    parser.add_argument("--model", type=Path, default=ROOT / "models" / "best-model.h5")
    given = parser.parse_args()
    found = find_photographs(given.folder, given.mapping)
    photographs = [one for one in found.photographs if not one.is_out_of_distribution]
    colours = [reduced(one) for one in photographs]
    allowed = np.stack([one.target > 0 for one in photographs])
    model = ServedModel(given.model)
    print(f"| {'left out':<60} | right first | in first three |")
    for title, way in WAYS.items():
        pixels = np.stack([four_views(way(colour)) for colour in colours])
        predicted = model.predict(pixels, "photo").probabilities
        first, three = (is_right(predicted, allowed, top).mean() for top in (1, TOP))
        print(f"| {title:<60} | {first:>11.3f} | {three:>14.3f} |", flush=True)


def reduced(photograph: Photograph) -> Colour:
    """Return a photograph as the steps get it: upright, in colour, at most 400 pixels long."""
    return to_colour(open_image(photograph.path.read_bytes(), max_pixels=MAX_PIXELS)).colour


def _views(find: Find, step: Draw = draw) -> Way:
    """Return a way that finds masks, draws each and its mirror image."""
    return lambda colour: mirrored_views(np.stack([step(colour, mask) for mask in find(colour)]))


def _shrunk(colour: Colour) -> Pixels:
    grey = Image.fromarray(colour).convert("L")
    return np.asarray(grey.resize((SIDE, SIDE), Image.Resampling.LANCZOS))[None]


def _not_mirrored(colour: Colour) -> Pixels:
    return np.stack([draw(colour, mask) for mask in foregrounds(colour)])


def _by_both(colour: Colour) -> Masks:
    return largest_pieces(segment(colour) > LIKELY), largest_pieces(cut_out(colour))


def _by_border(colour: Colour) -> Masks:
    """Take what differs from the border's colour for the garment, even if the border is busy."""
    return (largest_pieces(distance_to(colour, border_of(colour).colour) > BACKGROUND_DISTANCE),)


def _uncropped(colour: Colour, mask: Mask) -> Pixels:
    mask = mask.copy()
    mask[0, 0] = mask[-1, -1] = True  # so that the box around it is the whole picture
    return draw(colour, mask)


def _with_background(colour: Colour, mask: Mask) -> Pixels:
    box = box_of(mask)
    whole = np.zeros_like(mask)
    whole[box.top : box.bottom, box.left : box.right] = True
    return draw(colour, whole)


def _not_negated(colour: Colour, mask: Mask) -> Pixels:
    return draw(np.asarray(255 - colour, np.uint8), mask)


def _stretched(colour: Colour, mask: Mask) -> Pixels:
    """Stretch the garment's greys to the full range."""
    grey = grey_of(colour)
    low, high = np.percentile(grey[mask] if mask.any() else grey, (1, 99))
    even = np.clip((grey - low) / max(high - low, 1) * 255, 0, 255).astype(np.uint8)
    return draw(np.repeat(even[:, :, None], 3, axis=2), mask)


def _not_averaged(colour: Colour, mask: Mask) -> Pixels:
    """Pick pixels instead of averaging them."""
    box = box_of(mask)
    length = max(box.right - box.left, box.bottom - box.top)
    places = np.minimum(((np.arange(SIDE) + 0.5) * length / SIDE).astype(int), length - 1)
    rows = box.top + places[places < box.bottom - box.top]
    columns = box.left + places[places < box.right - box.left]
    return draw(colour[np.ix_(rows, columns)], mask[np.ix_(rows, columns)])


WAYS: Final[Mapping[str, Way]] = {
    "nothing": _views(foregrounds),
    "GrabCut's cut-out": _views(lambda colour: foregrounds(colour)[:1]),
    "the segmenter's cut-out": _views(lambda colour: (foreground(colour),)),
    "mirror images": _not_mirrored,
    "colour for plain backgrounds": _views(_by_both),
    "both cut-outs: the border's colour for all": _views(_by_border),
    "segmentation: the whole picture is the garment": _views(
        lambda colour: (np.ones(colour.shape[:2], bool),)
    ),
    "removing the background in the garment's box": _views(foregrounds, _with_background),
    "cropping": _views(foregrounds, _uncropped),
    "negating": _views(foregrounds, _not_negated),
    "one scale of greys: stretched per garment": _views(foregrounds, _stretched),
    "averaging: pixels are picked": _views(foregrounds, _not_averaged),
    "all of it: grey, shrunk to 28×28": _shrunk,
}


if __name__ == "__main__":
    main()
