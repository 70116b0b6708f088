"""Draws photographs, what the model sees of each, and what it predicts."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from service.fashion_mnist import CLASS_NAMES
from service.images.files.decode import open_image, to_colour
from training.confidence.calibration import is_right
from training.evaluation.evaluate import Predictions
from training.evaluation.photograph_set import PhotographSet
from training.photographs.variations import MAX_PIXELS

COLUMNS: Final = 6
"""Photographs in a row."""

MOST: Final = 60
"""Photographs on a sheet."""


def draw_sheet(photographs: PhotographSet, predictions: Predictions, target: Path) -> None:
    """Write a PNG of at most 60 photographs, wrong predictions first."""
    places = choose(photographs, predictions)
    columns = min(COLUMNS, len(places))
    rows = -(-len(places) // columns)
    figure = Figure(figsize=(2.2 * columns, 2.1 * rows), layout="constrained", dpi=80)
    cells = list(figure.subplots(rows, 2 * columns, squeeze=False).flat)
    for axes in cells:
        axes.set_axis_off()
    for index, place in enumerate(places):
        _draw_one(cells[2 * index : 2 * index + 2], photographs, predictions, place)
    figure.savefig(target, format="png")


def choose(photographs: PhotographSet, predictions: Predictions) -> list[int]:
    """Return the indexes of wrong predictions, up to half a sheet, and then of right ones."""
    right = is_right(predictions.probabilities, photographs.allowed)
    known = np.flatnonzero(photographs.known)
    wrong = [int(place) for place in known if not right[place]][: MOST // 2]
    rest = [int(place) for place in known if right[place]]
    evenly = np.linspace(0, len(rest) - 1, min(MOST - len(wrong), len(rest))).astype(int)
    return wrong + [rest[place] for place in evenly]


def _draw_one(
    cells: Sequence[Axes], photographs: PhotographSet, predictions: Predictions, place: int
) -> None:
    photograph, picture = photographs.photographs[place], photographs.pictures[place]
    probabilities = predictions.probabilities[place]
    best = int(probabilities.argmax())
    image = open_image(photograph.path.read_bytes(), max_pixels=MAX_PIXELS)
    cells[0].imshow(to_colour(image).colour)
    cells[0].set_title(photograph.label, fontsize=8)
    cells[1].imshow(picture.pixels, cmap="gray", vmin=0, vmax=255)
    certain = "" if predictions.certain[place] else "?"
    cells[1].set_title(
        f"{CLASS_NAMES[best]}{certain} {probabilities[best]:.2f}",
        fontsize=8,
        color="black" if photograph.target[best] > 0 else "tab:red",
    )
