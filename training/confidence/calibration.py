"""Calibration: whether a confidence is the chance of being right, and the temperature for it."""

from typing import Final

import numpy as np
import numpy.typing as npt

from service.fashion_mnist import Rows
from service.model.confidence import MIN_PROBABILITY, scale_by_temperature
from training.data.dataset import Allowed

BINS: Final = 15
"""As in Guo et al. and most papers since."""

TEMPERATURES: Final = np.geomspace(0.1, 10, 461)
"""The temperatures that are tried, one percent apart, which no decision notices."""


def fit_temperature(probabilities: Rows, allowed: Allowed) -> float:
    """Return the temperature with the highest likelihood, for temperature scaling.

    Guo, Pleiss, Sun and Weinberger, "On calibration of modern neural networks", arXiv:1706.04599.
    Takes float32[n, 10] for held-out pictures, with the classes that are right, bool[n, 10]; with
    several, the likelihood is that of any of them. The temperature is 1 if the best one does not
    also lower the calibration error: a network can be overconfident on some pictures and
    underconfident on others, which one number cannot correct.
    """
    exact = np.maximum(probabilities.astype(np.float64), MIN_PROBABILITY)

    def loss(temperature: float) -> float:
        likelihood = (scale_by_temperature(exact, temperature) * allowed).sum(axis=1)
        return float(-np.log(np.maximum(likelihood, MIN_PROBABILITY)).mean())

    best = float(min(TEMPERATURES, key=loss))
    fitted = calibration_error(scale_by_temperature(probabilities, best), allowed)
    return best if fitted < calibration_error(probabilities, allowed) else 1.0


def calibration_error(probabilities: Rows, allowed: Allowed) -> float:
    """Return the expected calibration error of float32[n, 10], a share of 1.

    It is the mean difference between confidence and accuracy over 15 bins of equal width, weighted
    by the pictures in each (Guo et al.).
    """
    return sum(
        share * abs(confidence - accuracy)
        for share, confidence, accuracy in reliability(probabilities, allowed)
    )


def reliability(probabilities: Rows, allowed: Allowed) -> list[tuple[float, float, float]]:
    """Return the share of pictures, mean confidence and accuracy of each bin with pictures."""
    confidence, right = probabilities.max(axis=1), is_right(probabilities, allowed)
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    inside = [bins == index for index in range(BINS)]
    return [
        (float(one.mean()), float(confidence[one].mean(dtype=np.float64)), float(right[one].mean()))
        for one in inside
        if one.any()
    ]


def is_right(probabilities: Rows, allowed: Allowed, top: int = 1) -> npt.NDArray[np.bool_]:
    """Return bool[n]: whether an allowed class is among the `top` likeliest of each picture."""
    best = np.argsort(-probabilities, axis=1, kind="stable")[:, :top]
    return np.asarray(np.take_along_axis(allowed, best, axis=1).any(axis=1))
