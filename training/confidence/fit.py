"""Fits what a model file says about its confidence: temperature and strangers, by route."""

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
    tell_apart,
    unit_features,
    with_strangeness,
)
from training.data.dataset import Named
from training.predict import answers, singly

LEARNED: Final = 12_000
"""How many of what was learned from, pictures or photographs, are looked at, at most: more tell
nothing new."""

KEPT: Final = 0.97
"""The share of known pictures that are no strangers, of each route by its own measure: more than
is promised, for some are uncertain by their confidence, and those kept aside are few."""

QUANTILES: Final = 100


@dataclass(frozen=True)
class Known:
    """Pictures of one route: those that a network learned from, and those kept from it.

    `strangers` are pictures of none of the classes, or views of such, if there are any.
    """

    learned: Named
    held_out: Named
    strangers: Pixels | None = None


@dataclass(frozen=True)
class Fitted:
    """What a model file says of its confidence, and what strangers are told by.

    `clusters` has one for each route whose facts have `strangers`, in their order.
    """

    facts: ConfidenceFacts
    clusters: tuple[Clusters, ...]


def fit_confidence(model: keras.Model, known: Mapping[Fit, Known]) -> Fitted:
    """Fit on held-out pictures of the genuine route, and of photographs where there are some.

    A network without a layer of features before its last one gets temperatures alone.
    """
    routes: list[Fit] = [route for route in FITS if route in known]
    found = [_clusters(model, known[route]) for route in routes]
    clusters = tuple(one for one in found if one is not None)
    judging = with_strangeness(model, clusters)
    fitted = {}
    for place, route in enumerate(routes):
        held_out = known[route].held_out
        told = answers(judging, held_out.pixels)
        strangeness = told[:, CLASSES + place] if clusters else None
        temperature = fit_temperature(told[:, :CLASSES], held_out.allowed)
        strangers = _strangers(strangeness)
        fitted[route] = CalibrationFacts(temperature=temperature, out_of_distribution=strangers)
    return Fitted(ConfidenceFacts(**fitted), clusters)


def _clusters(model: keras.Model, known: Known) -> Clusters | None:
    """Return where the first of the pictures lie, each in its likeliest class that is allowed."""
    learned = known.learned.pixels[:LEARNED]
    pixels = singly(learned)
    allowed = np.repeat(known.learned.allowed[:LEARNED], len(pixels) // len(learned), axis=0)
    found = unit_features(model, pixels)
    if found is None:
        return None
    clusters = fit_clusters(found, np.where(allowed, answers(model, pixels), -1).argmax(axis=1))
    if known.strangers is None or not len(known.strangers):
        return clusters
    strange = unit_features(model, singly(known.strangers))
    return clusters if strange is None else tell_apart(clusters, found, strange)


def _strangers(strangeness: Rows | None) -> OutOfDistributionFacts | None:
    if strangeness is None:
        return None
    quantiles = np.quantile(strangeness, np.arange(QUANTILES) / QUANTILES)
    return OutOfDistributionFacts(quantiles=tuple(quantiles.tolist()), threshold=KEPT)
