"""Predictions in batches, pooled over the views of a photograph (test-time augmentation).

The views of n photographs are one array, uint8[n, 4, 28, 28].
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import numpy as np

from service.fashion_mnist import SIDE, Pixels, Rows, to_rows
from service.model.confidence import pooled

if TYPE_CHECKING:
    import keras

BATCH: Final = 1000
"""Pictures per call of Keras: keeps the memory of wide networks small."""

VIEWS: Final = 4
"""Most views that the service takes of a photograph: two cut-outs, each also mirrored."""


def four_views(views: Pixels) -> Pixels:
    """Return one, two or four views uint8[k, 28, 28] as four, repeated so that weights stay."""
    return np.resize(views, (VIEWS, SIDE, SIDE))


def flatten_views(pixels: Pixels) -> Pixels:
    """Return the views of photographs uint8[n, k, 28, 28] as pictures uint8[n * k, 28, 28]."""
    return pixels.reshape(-1, SIDE, SIDE)


def predict_all(answer: Callable[[Rows], Rows], pixels: Pixels, batch: int) -> Rows:
    """Return float32[n, w], an answer for each picture, or a pooled one for each photograph.

    Takes uint8[n, 28, 28] or views uint8[n, k, 28, 28]; `answer` gets at most `batch` rows.
    """
    rows = to_rows(flatten_views(pixels))
    parts = [answer(rows[start : start + batch]) for start in range(0, len(rows), batch)]
    answers = np.concatenate(parts)
    return pooled(answers.reshape(len(pixels), -1, answers.shape[1]))


def predict(model: keras.Model, pixels: Pixels) -> Rows:
    """Return what a Keras network answers, dropout off: float32[n, outputs].

    Takes pictures uint8[n, 28, 28], or views of photographs uint8[n, k, 28, 28].
    """
    from service.model_file.export import keras_probabilities  # loads TensorFlow

    return predict_all(lambda rows: keras_probabilities(model, rows), pixels, BATCH)
