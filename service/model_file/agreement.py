"""Whether a compiled graph computes what Keras computed."""

from typing import Final

import numpy as np

from service.errors import ModelRefused
from service.fashion_mnist import Rows
from service.model.classifier import Classifier
from service.model.confidence import CLASSES

TOLERANCE: Final = 1e-5
"""Allowed difference from Keras; measured are 4e-7, and 9e-7 between batch sizes."""

LARGEST_BATCH: Final = 64
"""The largest batch compared, which is the default of FASHION_BATCH_SIZE."""


def check_agreement(classifier: Classifier, rows: Rows, expected: Rows) -> None:
    """Compare a graph's output with Keras's, `expected`, at every batch size up to the largest.

    A graph may be right at one batch size and wrong at another. Rows are repeated to fill a batch.

    Raises:
        ModelRefused: a number differs by more than `TOLERANCE`.
    """
    order = np.arange(LARGEST_BATCH) % len(rows)
    rows, expected = rows[order], expected[order]
    for size in range(1, LARGEST_BATCH + 1):
        difference = float(np.abs(classifier.predict(rows[:size]) - expected[:size]).max())
        if not difference <= TOLERANCE:  # also true for NaN
            raise ModelRefused(
                f"its graph differs from Keras by {difference:.2g} in a batch of {size} (at most "
                f"{TOLERANCE:g} is allowed): it is damaged or stale"
            )


def check_probabilities(outputs: Rows) -> None:
    """Check that the first ten columns of float32[n, 10 or more] are probabilities.

    Raises:
        ModelRefused: they are negative, not finite, or do not sum to one.
    """
    probabilities = outputs[:, :CLASSES]
    sums_to_one = np.abs(probabilities.sum(axis=1) - 1) <= 1e-3
    if not (sums_to_one.all() and (probabilities >= 0).all()):
        raise ModelRefused(
            "its ten outputs are not probabilities (they do not sum to 1): end the network with a "
            "softmax"
        )
