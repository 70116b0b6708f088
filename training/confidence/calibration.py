"""Whether a confidence is the chance of being right, and the temperature that makes it so."""

from typing import Final

import numpy as np
import numpy.typing as npt

from service.fashion_mnist import Rows
from service.model.confidence import MIN_PROBABILITY, scale_by_temperature
from training.data.dataset import Allowed

Right = npt.NDArray[np.bool_]

BINS: Final = 15
"""As Guo et al. have it, and most who report this error since."""

TEMPERATURES: Final = np.geomspace(0.1, 10, 461)
"""Those that are tried, one percent apart: between two of them no picture tells a difference."""


def fit_temperature(probabilities: Rows, allowed: Allowed) -> float:
    """Return the temperature that makes the right classes most likely.

    Guo, Pleiss, Sun and Weinberger, "On calibration of modern neural networks", arXiv:1706.04599.
    Takes float32[n, 10] of pictures that the network has not learned from. Where several classes
    are allowed, the likelihood is that of any of them. It is 1 if no other lessens the calibration
    error as well: a network may be too sure of some answers and not sure enough of others, and one
    number cannot mend both.
    """
    exact = np.maximum(probabilities.astype(np.float64), MIN_PROBABILITY)

    def loss(temperature: float) -> float:
        likely = (scale_by_temperature(exact, temperature) * allowed).sum(axis=1)
        return float(-np.log(np.maximum(likely, MIN_PROBABILITY)).mean())

    likeliest = float(min(TEMPERATURES, key=loss))
    fitted = calibration_error(scale_by_temperature(probabilities, likeliest), allowed)
    return likeliest if fitted < calibration_error(probabilities, allowed) else 1.0


def calibration_error(probabilities: Rows, allowed: Allowed) -> float:
    """Return the expected calibration error, a share of 1, of float32[n, 10].

    Pictures are put into 15 bins of equal width by their confidence; the error is the difference
    between confidence and the share of right ones in each, weighted by the pictures in it.
    """
    return sum(
        share * abs(sure - right) for share, sure, right in reliability(probabilities, allowed)
    )


def reliability(probabilities: Rows, allowed: Allowed) -> list[tuple[float, float, float]]:
    """Return for each bin that is not empty: its share of pictures, confidence, share of right."""
    confidence, right = probabilities.max(axis=1), is_right(probabilities, allowed)
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    inside = [bins == index for index in range(BINS)]
    return [
        (float(one.mean()), float(confidence[one].mean(dtype=np.float64)), float(right[one].mean()))
        for one in inside
        if one.any()
    ]


def is_right(probabilities: Rows, allowed: Allowed, among: int = 1) -> Right:
    """Tell for each picture whether an allowed class is among its so many likeliest."""
    best = np.argsort(-probabilities, axis=1, kind="stable")[:, :among]
    return np.asarray(np.take_along_axis(allowed, best, axis=1).any(axis=1))
