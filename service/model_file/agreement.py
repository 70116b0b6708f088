"""Whether a compiled graph answers as Keras did."""

from typing import Final

import numpy as np

from service.errors import ModelRefused
from service.fashion_mnist import Rows
from service.model.classifier import Classifier
from service.model.confidence import CLASSES

TOLERANCE: Final = 1e-5
"""How far a number may differ from Keras's; 4e-7 was seen, and 9e-7 between batch sizes."""

LARGEST: Final = 64
"""The largest batch compared, which is the default of FASHION_BATCH_SIZE. A graph may be right at
one size and wrong at another, so all sizes up to this one are compared."""


def check_agreement(classifier: Classifier, rows: Rows, expected: Rows) -> None:
    """Compare a graph with answers that Keras computed for rows, at every batch size.

    Fewer rows than the largest size are repeated. Since the answers wanted are the same at every
    size and place, a graph that looks at either is found out.

    Raises:
        ModelRefused: a number differs by more than `TOLERANCE`.
    """
    order = np.arange(LARGEST) % len(rows)
    rows, expected = rows[order], expected[order]
    for size in range(1, LARGEST + 1):
        answers = classifier.predict(rows[:size])
        difference = float(np.abs(answers - expected[:size]).max())
        if not difference <= TOLERANCE:  # also true for NaN
            raise ModelRefused(
                f"the compiled graph differs from Keras by {difference:.2g} in a batch of {size} "
                f"(at most {TOLERANCE:g} is allowed): it is damaged or stale"
            )


def check_probabilities(answers: Rows) -> None:
    """Check that the first ten numbers of each of float32[n, 10 or more] are probabilities.

    Raises:
        ModelRefused: they are negative, not finite, or do not sum to one.
    """
    first = answers[:, :CLASSES]
    if not (np.abs(first.sum(axis=1) - 1) <= 1e-3).all() or not (first >= 0).all():
        raise ModelRefused(
            "its ten outputs are not probabilities (they do not sum to 1): end the network with a "
            "softmax"
        )
