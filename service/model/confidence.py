"""Calibrated probabilities, and whether a picture is out of distribution.

A graph answers ten probabilities and, if its file was made so, one out-of-distribution score for
each kind of picture that its network has learned (exact ones, photographs). The file's facts say
how to read these numbers.
"""

from bisect import bisect_right
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from service.fashion_mnist import CLASS_NAMES, FITS, MIN_CONFIDENCE, Fit, Rows
from service.model.facts import CalibrationFacts, ConfidenceFacts

CLASSES: Final = len(CLASS_NAMES)

MIN_PROBABILITY: Final = 1e-30
"""Smaller probabilities round to 0, which has no logarithm."""

MIN_SPREAD: Final = 1e-6
"""Least spread of the quantiles, so that it can be divided by."""


class CalibratedPrediction(NamedTuple):
    """The calibrated answer to one picture.

    `probabilities` is float32[10] and sums to one. `stranger_score` is the share of known pictures
    that score lower, in [0, 1], or None if the file cannot tell. `out_of_distribution` is whether
    that share is too high for any of the ten classes.
    """

    probabilities: Rows
    stranger_score: float | None
    out_of_distribution: bool

    def is_certain(self, confidence: float, least: float | None = None) -> bool:
        """Return whether the likeliest class may be relied on; `confidence` is its probability."""
        least = MIN_CONFIDENCE if least is None else least
        return not self.out_of_distribution and confidence >= least


class Confidence:
    """Calibrates the answers of one model by its facts, or leaves them as they are without facts.

    Photographs are calibrated as exact pictures if the network has not learned from photographs:
    most of them are then out of distribution, which is true.
    """

    def __init__(self, facts: ConfidenceFacts | None) -> None:
        learned = facts.learned() if facts else {}
        scored = fits_with_ood_score(facts)
        calibrations = {
            fit: _Calibration(one, CLASSES + scored.index(fit) if fit in scored else None)
            for fit, one in learned.items()
        }
        default = calibrations.get("exact", _Calibration(CalibrationFacts(), None))
        self._calibrations = {fit: calibrations.get(fit, default) for fit in FITS}

    def calibrate(self, answer: Rows, fit: Fit, raw: bool = False) -> CalibratedPrediction:
        """Return the calibrated form of one answer, float32[10 or more].

        `fit` is how its picture was taken; `raw` leaves the probabilities uncalibrated.
        """
        return self._calibrations[fit].apply(answer, raw)


class _Calibration:
    """Calibrates pictures of one kind; their out-of-distribution score is in `column`."""

    def __init__(self, facts: CalibrationFacts, column: int | None) -> None:
        known = facts.out_of_distribution
        self._temperature = facts.temperature
        self._column = column
        self._quantiles = list(known.quantiles) if known else []
        self._threshold = known.threshold if known else 1.0

    def apply(self, answer: Rows, raw: bool) -> CalibratedPrediction:
        probabilities = answer[:CLASSES]
        if not raw:
            probabilities = scale_by_temperature(probabilities, self._temperature)
        if self._column is None:
            return CalibratedPrediction(probabilities, None, False)
        score = stranger_score(float(answer[self._column]), self._quantiles)
        strange = not score <= self._threshold  # also true for NaN
        return CalibratedPrediction(probabilities, score, strange)


def fits_with_ood_score(facts: ConfidenceFacts | None) -> list[Fit]:
    """Return the kinds of pictures a graph scores, in the order of its further columns."""
    learned = facts.learned() if facts else {}
    return [fit for fit, one in learned.items() if one.out_of_distribution]


def scale_by_temperature(probabilities: Rows, temperature: float) -> Rows:
    """Return probabilities [10] or [n, 10] as if their logits had been divided by a temperature.

    Guo, Pleiss, Sun and Weinberger, "On calibration of modern neural networks", arXiv:1706.04599.
    The softmax of z / T is p to the power of 1 / T, normalised, so logits are not needed. The
    order of the classes stays.
    """
    if temperature == 1:
        return probabilities
    powers = probabilities ** (1 / temperature)
    calibrated: Rows = powers / powers.sum(axis=-1, keepdims=True)
    return calibrated


def pooled(answers: Rows) -> Rows:
    """Return one answer [..., w] for several answers [..., k, w] to views of one picture.

    Probabilities are pooled by their geometric mean, normalised: the mean of the logits. Their
    arithmetic mean would be less sure than it is right. Out-of-distribution scores are averaged. A
    single answer stays as it is.
    """
    if answers.shape[-2] == 1:
        return answers[..., 0, :]
    logarithms = np.log(np.maximum(answers[..., :CLASSES], MIN_PROBABILITY))
    means = np.exp(logarithms.mean(axis=-2))
    means /= means.sum(axis=-1, keepdims=True)
    return np.concatenate([means, answers[..., CLASSES:].mean(axis=-2)], axis=-1)


def stranger_score(ood_score: float, quantiles: Sequence[float]) -> float:
    """Return the share of known pictures with a lower out-of-distribution score, in [0, 1).

    Of n `quantiles`, the i-th is the score that the share i / n of known pictures stays below.
    Beyond the last one the result approaches 1 without reaching it, so a higher score always gives
    a higher result.
    """
    count = len(quantiles)
    place = bisect_right(quantiles, ood_score)
    if place == 0:
        return 0.0
    below = quantiles[place - 1]
    if place < count:
        return (place - 1 + (ood_score - below) / (quantiles[place] - below)) / count
    spread = max(below - quantiles[0], MIN_SPREAD)
    return 1 - 1 / count / (1 + (ood_score - below) / spread)
