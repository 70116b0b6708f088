"""Checks that the graph in a model file, which serves, computes what Keras computes."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from service.errors import ModelRefused
from service.fashion_mnist import SIDE, Pixels, to_rows
from service.model.classifier import Classifier
from service.model.examined import ExaminedModel
from service.model_file.agreement import LARGEST_BATCH, TOLERANCE
from service.model_file.examiner import examine
from service.model_file.export import keras_probabilities, load, probe_pixels

STEPS: Final = (1, 7, LARGEST_BATCH)
"""Batch sizes to try: one, an odd one, and the largest that is served."""


@dataclass(frozen=True)
class Agreement:
    """The largest difference between a probability of the graph and that of Keras."""

    difference: float
    pictures: int


def verify(file: Path, pixels: Pixels) -> Agreement:
    """Compare the graph in a file with Keras on pictures uint8[n, 28, 28] and on probes.

    Raises:
        ModelRefused: the file may not serve, or graph and Keras disagree.
    """
    examined = ExaminedModel.from_bytes(examine(file))
    classifier, model = Classifier(examined.graph), load(file)
    rows = to_rows(np.concatenate([probes(), pixels]))
    worst = 0.0
    for start in range(0, len(rows), LARGEST_BATCH):
        part = rows[start : start + LARGEST_BATCH]
        wanted = keras_probabilities(model, part)
        for step in STEPS:
            answers = [
                classifier.probabilities(part[i : i + step]) for i in range(0, len(part), step)
            ]
            worst = max(worst, float(np.abs(np.concatenate(answers) - wanted).max()))
    if not worst <= TOLERANCE:
        raise ModelRefused(
            f"The graph of {file} and Keras disagree by {worst:.2g} on {len(rows)} pictures (at "
            f"most {TOLERANCE:g} is allowed): do not serve the file. Make a new one with "
            "`fashion-train convert`."
        )
    return Agreement(worst, len(rows))


def probes() -> Pixels:
    """Return pictures that no photograph gives: noise, each grey, one white pixel at each place."""
    greys = np.arange(256, dtype=np.uint8)[:, None, None].repeat(SIDE, 1).repeat(SIDE, 2)
    points = (255 * np.eye(SIDE * SIDE, dtype=np.uint8)).reshape(-1, SIDE, SIDE)
    return np.concatenate([probe_pixels(), greys, points.astype(np.uint8)])
