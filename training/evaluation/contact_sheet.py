"""Draws photographs beside what the model sees of them and what they were said to be."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from service.fashion_mnist import CLASS_NAMES
from service.images.files.decode import open_image, to_colour
from training.confidence.calibration import is_right
from training.evaluation.photograph_set import Album
from training.evaluation.served_answers import Verdicts
from training.photographs.variations import MAX_PIXELS

COLUMNS: Final = 6
"""Photographs beside each other."""

MOST: Final = 60
"""Photographs on one sheet: more could not be looked at."""


def draw_sheet(album: Album, verdicts: Verdicts, target: Path) -> None:
    """Write a PNG of photographs: wrongly named ones first, then right ones, at most 60."""
    draw_places(album, verdicts, choose(album, verdicts), target)


def choose(album: Album, verdicts: Verdicts) -> list[int]:
    """Return the places of the wrongly named ones, up to half a sheet, and of right ones."""
    right = is_right(verdicts.probabilities, album.allowed)
    known = np.flatnonzero(album.known)
    wrong = [int(place) for place in known if not right[place]][: MOST // 2]
    rest = [int(place) for place in known if right[place]]
    room = MOST - len(wrong)
    evenly = np.linspace(0, len(rest) - 1, min(room, len(rest))).astype(int)
    return wrong + [rest[place] for place in evenly]


def draw_places(album: Album, verdicts: Verdicts, places: Sequence[int], target: Path) -> None:
    """Write a PNG of the photographs at some places, in their order."""
    columns = min(COLUMNS, len(places))
    rows = -(-len(places) // columns)
    figure = Figure(figsize=(2.2 * columns, 2.1 * rows), layout="constrained", dpi=80)
    cells = list(figure.subplots(rows, 2 * columns, squeeze=False).flat)
    for axes in cells:
        axes.set_axis_off()
    for index, place in enumerate(places):
        _draw_one(cells[2 * index : 2 * index + 2], album, verdicts, place)
    figure.savefig(target, format="png")


def _draw_one(cells: Sequence[Axes], album: Album, verdicts: Verdicts, place: int) -> None:
    photograph, picture = album.photographs[place], album.pictures[place]
    probabilities = verdicts.probabilities[place]
    best = int(probabilities.argmax())
    image = open_image(photograph.path.read_bytes(), max_pixels=MAX_PIXELS)
    cells[0].imshow(to_colour(image).colour)
    cells[0].set_title(photograph.label, fontsize=8)
    cells[1].imshow(picture.pixels, cmap="gray", vmin=0, vmax=255)
    certain = "" if verdicts.certain[place] else "?"
    right = photograph.target[best] > 0
    cells[1].set_title(
        f"{CLASS_NAMES[best]}{certain} {probabilities[best]:.2f}",
        fontsize=8,
        color="black" if right else "tab:red",
    )
