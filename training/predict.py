"""Several views of each photograph (test-time augmentation), as the service takes them.

Those at n photographs are in one array, uint8[n, 4, 28, 28].
"""

from collections.abc import Callable
from typing import Final

import keras
import numpy as np

from service.fashion_mnist import SIDE, Pixels, Rows, to_rows
from service.model.confidence import pooled
from service.model_file.export import keras_probabilities

BATCH: Final = 1000
"""Pictures per call: keeps the memory of wide networks small."""

VIEWS: Final = 4
"""The most views that the service takes at a photograph: two cut-outs, each mirrored too."""


def evened(views: Pixels) -> Pixels:
    """Return views uint8[k, 28, 28], of which there may be two, as four that weigh the same."""
    return np.resize(views, (VIEWS, SIDE, SIDE))


def singly(pixels: Pixels) -> Pixels:
    """Return every look at photographs uint8[n, k, 28, 28] as a picture, uint8[n * k, 28, 28]."""
    return pixels.reshape(-1, SIDE, SIDE)


def answer_all(ask: Callable[[Rows], Rows], pixels: Pixels, batch: int) -> Rows:
    """Return a row for each picture, or for each photograph one that pools those of its views.

    Takes uint8[n, 28, 28] or uint8[n, k, 28, 28], and asks about so many rows at once.
    """
    rows = to_rows(singly(pixels))
    parts = [ask(rows[start : start + batch]) for start in range(0, len(rows), batch)]
    answers = np.concatenate(parts)
    return pooled(answers.reshape(len(pixels), -1, answers.shape[1]))


def answers(model: keras.Model, pixels: Pixels) -> Rows:
    """Return what a network answers, dropout off, in batches.

    Takes pictures uint8[n, 28, 28], or views of photographs, uint8[n, k, 28, 28].
    """

    def ask(rows: Rows) -> Rows:
        return keras_probabilities(model, rows)

    return answer_all(ask, pixels, BATCH)
