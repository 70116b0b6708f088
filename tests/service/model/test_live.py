import asyncio
from dataclasses import replace

import pytest

from service.errors import ModelRefused
from service.fashion_mnist import to_rows
from service.model.classifier import Classifier
from service.model.confidence import scale_by_temperature
from service.model.facts import CalibrationFacts, ConfidenceFacts
from service.model.live import LiveModel, LoadedModel


def test_it_predicts_as_its_graph_does_and_names_its_file(dropout, real_pixels):
    model = LoadedModel(dropout)
    expected = Classifier(dropout.graph).probabilities(to_rows(real_pixels[:3]))

    assert asyncio.run(model.predict(real_pixels[:3])) == pytest.approx(expected, abs=1e-6)
    assert model.digest == dropout.digest
    assert dropout.digest.startswith(model.version)


def test_it_calibrates_by_the_facts_of_its_file(dropout, real_pixels):
    confidence = ConfidenceFacts(exact=CalibrationFacts(temperature=2))
    facts = dropout.facts.model_copy(update={"confidence": confidence})
    model = LoadedModel(replace(dropout, facts=facts))
    (output,) = asyncio.run(model.predict(real_pixels[:1]))

    calibrated = model.confidence.calibrate(output, "exact")
    assert calibrated.probabilities == pytest.approx(scale_by_temperature(output, 2), abs=1e-6)


def test_after_a_swap_the_old_model_still_serves_its_requests(dropout, real_pixels):
    live = LiveModel(dropout)
    old = live.current
    live.swap(replace(dropout, digest="f" * 64))

    assert live.current.digest == "f" * 64
    assert asyncio.run(old.predict(real_pixels[:1])).shape == (1, 10)


def test_a_graph_that_does_not_load_leaves_the_current_model(dropout):
    live = LiveModel(dropout)

    with pytest.raises(ModelRefused):
        live.swap(replace(dropout, graph=b"not a graph"))
    assert live.current.digest == dropout.digest
