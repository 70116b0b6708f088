"""Fits temperatures and out-of-distribution scores, which a model file stores."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import keras
import numpy as np

from service.fashion_mnist import FITS, Fit, Pixels, Rows
from service.model.confidence import CLASSES
from service.model.facts import CalibrationFacts, ConfidenceFacts, OutOfDistributionFacts
from training.confidence.calibration import fit_temperature
from training.confidence.mahalanobis import (
    Clusters,
    fit_clusters,
    fit_outliers,
    unit_features,
    with_ood_scores,
)
from training.data.dataset import MultiLabel
from training.predict import flatten_views, predict

MAX_TRAINED: Final = 12_000
"""Pictures or photographs of the training set that are used, at most: more change nothing."""

THRESHOLD: Final = 0.97
"""Share of known pictures that are not out of distribution. It is higher than what is promised:
some pictures are uncertain by their confidence, and the held-out ones are few."""

QUANTILES: Final = 100


@dataclass(frozen=True)
class CalibrationData:
    """Pictures of one kind: those that a network was trained on, and held-out ones.

    `out_of_distribution` shows none of the classes: uint8[n, 28, 28], or views [n, k, 28, 28].
    """

    trained: MultiLabel
    held_out: MultiLabel
    out_of_distribution: Pixels | None = None


@dataclass(frozen=True)
class FittedConfidence:
    """What a model file says about its confidence, and what scores pictures in its graph.

    `clusters` has one entry for each kind of picture whose facts have `out_of_distribution`.
    """

    facts: ConfidenceFacts
    clusters: tuple[Clusters, ...]


def fit_confidence(model: keras.Model, data: Mapping[Fit, CalibrationData]) -> FittedConfidence:
    """Fit on exact pictures, and on photographs if there are any.

    A network without a layer of features before its last one gets only temperatures.
    """
    fits: list[Fit] = [fit for fit in FITS if fit in data]
    fitted = [_fit_clusters(model, data[fit]) for fit in fits]
    clusters = tuple(one for one in fitted if one is not None)
    scored = with_ood_scores(model, clusters)
    facts = {}
    for index, fit in enumerate(fits):
        held_out = data[fit].held_out
        answers = predict(scored, held_out.pixels)
        facts[fit] = CalibrationFacts(
            temperature=fit_temperature(answers[:, :CLASSES], held_out.allowed),
            out_of_distribution=_spread(answers[:, CLASSES + index]) if clusters else None,
        )
    return FittedConfidence(ConfidenceFacts(**facts), clusters)


def _fit_clusters(model: keras.Model, data: CalibrationData) -> Clusters | None:
    """Fit to training pictures, each in the likeliest of its right classes."""
    trained = data.trained.pixels[:MAX_TRAINED]
    pixels = flatten_views(trained)
    allowed = np.repeat(data.trained.allowed[:MAX_TRAINED], len(pixels) // len(trained), axis=0)
    features = unit_features(model, pixels)
    if features is None:
        return None
    classes = np.where(allowed, predict(model, pixels), -1).argmax(axis=1)
    clusters = fit_clusters(features, classes)
    if data.out_of_distribution is None or not len(data.out_of_distribution):
        return clusters
    outliers = unit_features(model, flatten_views(data.out_of_distribution))
    return clusters if outliers is None else fit_outliers(clusters, features, outliers)


def _spread(ood_scores: Rows) -> OutOfDistributionFacts:
    quantiles = np.quantile(ood_scores, np.arange(QUANTILES) / QUANTILES)
    return OutOfDistributionFacts(quantiles=tuple(quantiles.tolist()), threshold=THRESHOLD)
