"""How far an answer can be trusted: calibrated probabilities, and what the model does not know.

An answer of the graph is a row of ten probabilities and, where the file was made so, one number of
strangeness for each route that its network has learned pictures of. The file's facts say what to
make of these numbers; a file without such facts is taken at its word.
"""

from bisect import bisect_right
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from service.fashion_mnist import CLASS_NAMES, MIN_CONFIDENCE, Rows
from service.model.facts import ROUTES, ConfidenceFacts, Route, RouteFacts

CLASSES: Final = len(CLASS_NAMES)

LEAST_CHANCE: Final = 1e-30
"""The least chance that is told from none: a network rounds smaller ones to 0."""

LEAST_SPREAD: Final = 1e-6
"""The width of a table of strangeness is taken to be no less, so that it can be divided by."""


class Judged(NamedTuple):
    """What to tell of an answer.

    `probabilities` is float32[10] and sums to one. `stranger_score` is the share of the pictures
    known to the model that are less strange, from 0 to 1, or None if the file cannot tell;
    `stranger` is whether that is too much for any of the ten classes.
    """

    probabilities: Rows
    stranger_score: float | None
    stranger: bool

    def is_certain(self, confidence: float, least: float | None = None) -> bool:
        """Tell whether the likeliest class may be relied on; `confidence` is its probability."""
        return not self.stranger and confidence >= (MIN_CONFIDENCE if least is None else least)


class Confidence:
    """Judges the answers of one model by its facts, or takes them as they are if it has none.

    Pictures of a route that the network has not learned from are judged as genuine ones: most of
    them are then strangers to it, which is the truth.
    """

    def __init__(self, facts: ConfidenceFacts | None) -> None:
        learned = facts.learned() if facts else {}
        strange = strange_routes(facts)
        judges = {
            route: _Judge(one, CLASSES + strange.index(route) if one.strangers else None)
            for route, one in learned.items()
        }
        first = judges.get(ROUTES[0], _Judge(RouteFacts(), None))
        self._judges: dict[Route, _Judge] = {route: judges.get(route, first) for route in ROUTES}

    def judge(self, answer: Rows, route: Route, raw: bool = False) -> Judged:
        """Return what to tell of one answer, float32[10 or more], to a picture that came a route.

        `raw` leaves the probabilities uncalibrated.
        """
        return self._judges[route].judge(answer, raw)


class _Judge:
    """Judges the answers to the pictures of one route; their strangeness is in `column`."""

    def __init__(self, facts: RouteFacts, column: int | None) -> None:
        self._temperature = facts.temperature
        self._column = column
        self._quantiles = list(facts.strangers.quantiles) if facts.strangers else []
        self._threshold = facts.strangers.threshold if facts.strangers else 1.0

    def judge(self, answer: Rows, raw: bool) -> Judged:
        probabilities = answer[:CLASSES]
        if not raw:
            probabilities = calibrate(probabilities, self._temperature)
        if self._column is None:
            return Judged(probabilities, None, False)
        score = stranger_score(float(answer[self._column]), self._quantiles)
        return Judged(probabilities, score, not score <= self._threshold)  # also true for NaN


def strange_routes(facts: ConfidenceFacts | None) -> list[Route]:
    """Return the routes that a graph answers a strangeness for, in the order of its numbers."""
    learned = facts.learned() if facts else {}
    return [route for route, one in learned.items() if one.strangers]


def calibrate(probabilities: Rows, temperature: float) -> Rows:
    """Return probabilities [10] or [n, 10] as if their logits had been divided by a temperature.

    Guo, Pleiss, Sun and Weinberger, "On calibration of modern neural networks", arXiv:1706.04599.
    The softmax of z / T is p to the power of 1 / T, made to sum to one again, so no logits are
    needed. The order of the classes stays.
    """
    if temperature == 1:
        return probabilities
    powers = probabilities ** (1 / temperature)
    calibrated: Rows = powers / powers.sum(axis=-1, keepdims=True)
    return calibrated


def pooled(answers: Rows) -> Rows:
    """Return one answer [..., w] of several [..., k, w] to looks at one picture.

    Of probabilities it is the geometric mean, made to sum to one, as if their logits had been
    averaged: their own mean is less sure than it is right. Of strangeness it is the mean. A single
    answer stays as it is.
    """
    if answers.shape[-2] == 1:
        return answers[..., 0, :]
    logarithms = np.log(np.maximum(answers[..., :CLASSES], LEAST_CHANCE))
    chances = np.exp(logarithms.mean(axis=-2))
    chances /= chances.sum(axis=-1, keepdims=True)
    return np.concatenate([chances, answers[..., CLASSES:].mean(axis=-2)], axis=-1)


def stranger_score(strangeness: float, quantiles: Sequence[float]) -> float:
    """Return the share of known pictures that are less strange, in [0, 1).

    Of n `quantiles`, the i-th is the strangeness that the share i / n of known pictures stays
    below. Beyond the last one the score goes on towards 1 and never gets there, so that of two
    strangers the farther one always has the higher score.
    """
    count = len(quantiles)
    place = bisect_right(quantiles, strangeness)
    if place == 0:
        return 0.0
    below = quantiles[place - 1]
    if place < count:
        return (place - 1 + (strangeness - below) / (quantiles[place] - below)) / count
    spread = max(below - quantiles[0], LEAST_SPREAD)
    return 1 - 1 / count / (1 + (strangeness - below) / spread)
