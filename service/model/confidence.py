"""Calibrated probabilities, and whether a picture is out of distribution.

A graph outputs ten probabilities, and may add an out-of-distribution score for each fit that its
network has learned (exact, photo). The file's facts say how to interpret these numbers.
"""

from bisect import bisect_right
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from service.fashion_mnist import CLASS_NAMES, MIN_CONFIDENCE, Fit, Rows
from service.model.facts import CalibrationFacts, ConfidenceFacts

CLASSES: Final = len(CLASS_NAMES)

MIN_PROBABILITY: Final = 1e-30
"""Smaller probabilities are raised to this before the logarithm is taken."""

MIN_SPREAD: Final = 1e-6
"""Lower bound for the spread of the quantiles, which is a divisor."""


class CalibratedPrediction(NamedTuple):
    """The calibrated prediction for one picture.

    `probabilities` is float32[10] and sums to one. `stranger_score` is the share of known pictures
    with a lower score, in [0, 1], or None if the model has no scores. `out_of_distribution` tells
    whether that share exceeds the model's threshold.
    """

    probabilities: Rows
    stranger_score: float | None
    out_of_distribution: bool

    def is_certain(self, confidence: float, least: float | None = None) -> bool:
        """Return whether the top class can be relied on; `confidence` is its probability."""
        least = MIN_CONFIDENCE if least is None else least
        return not self.out_of_distribution and confidence >= least


class Confidence:
    """Calibrates a model's output by its facts; without facts, the output stays unchanged.

    If the network has not learned from photographs, they are calibrated as exact pictures. Most
    are then out of distribution, which is correct.
    """

    def __init__(self, facts: ConfidenceFacts | None) -> None:
        self._facts = facts.learned() if facts else {"exact": CalibrationFacts()}
        self._columns = {
            fit: column for column, fit in enumerate(fits_with_ood_score(facts), start=CLASSES)
        }

    def calibrate(self, output: Rows, fit: Fit, raw: bool = False) -> CalibratedPrediction:
        """Return the calibrated prediction for one row of the model's output, float32[10 or more].

        `fit` says how the picture became 28×28 pixels; `raw` leaves probabilities uncalibrated.
        """
        learned: Fit = fit if fit in self._facts else "exact"
        facts = self._facts[learned]
        probabilities = output[:CLASSES]
        if not raw:
            probabilities = scale_by_temperature(probabilities, facts.temperature)
        known = facts.out_of_distribution
        if known is None:
            return CalibratedPrediction(probabilities, None, False)
        score = stranger_score(float(output[self._columns[learned]]), known.quantiles)
        unknown = not score <= known.threshold  # also true for NaN
        return CalibratedPrediction(probabilities, score, unknown)


def fits_with_ood_score(facts: ConfidenceFacts | None) -> list[Fit]:
    """Return the fits that a graph scores, in the order of its columns after the probabilities."""
    learned = facts.learned() if facts else {}
    return [fit for fit, one in learned.items() if one.out_of_distribution]


def scale_by_temperature(probabilities: Rows, temperature: float) -> Rows:
    """Return probabilities [10] or [n, 10] as if their logits had been divided by a temperature.

    Guo, Pleiss, Sun and Weinberger, "On calibration of modern neural networks", arXiv:1706.04599.
    The softmax of z / T is p to the power of 1 / T, normalised, so logits are not needed. The order
    of the classes does not change.
    """
    if temperature == 1:
        return probabilities
    powers = probabilities ** (1 / temperature)
    calibrated: Rows = powers / powers.sum(axis=-1, keepdims=True)
    return calibrated


def pooled(outputs: Rows) -> Rows:
    """Return one output [..., w] for the outputs [..., k, w] of k views of a picture.

    Probabilities are pooled by their normalised geometric mean, which is the mean of the logits;
    their arithmetic mean would be underconfident. Out-of-distribution scores are averaged.
    """
    if outputs.shape[-2] == 1:
        return outputs[..., 0, :]
    logarithms = np.log(np.maximum(outputs[..., :CLASSES], MIN_PROBABILITY))
    means = np.exp(logarithms.mean(axis=-2))
    means /= means.sum(axis=-1, keepdims=True)
    return np.concatenate([means, outputs[..., CLASSES:].mean(axis=-2)], axis=-1)


def stranger_score(ood_score: float, quantiles: Sequence[float]) -> float:
    """Return the share of known pictures with a lower out-of-distribution score, in [0, 1).

    Of n `quantiles`, the i-th is the score that a share i / n of known pictures stays below. Beyond
    the last one the result approaches 1 without reaching it, so it keeps rising with the score.
    """
    count = len(quantiles)
    index = bisect_right(quantiles, ood_score)
    if index == 0:
        return 0.0
    below = quantiles[index - 1]
    if index < count:
        return (index - 1 + (ood_score - below) / (quantiles[index] - below)) / count
    spread = max(below - quantiles[0], MIN_SPREAD)
    return 1 - 1 / count / (1 + (ood_score - below) / spread)
