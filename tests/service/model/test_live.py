import asyncio
from dataclasses import replace

import pytest

from service.errors import ModelRefused
from service.fashion_mnist import to_rows
from service.model.classifier import Classifier
from service.model.confidence import scale_by_temperature
from service.model.facts import CalibrationFacts, ConfidenceFacts
from service.model.live import LiveModel, LoadedModel


def test_it_answers_as_its_graph_does_and_says_which_file_it_came_from(dropout, real_pixels):
    model = LoadedModel(dropout)
    expected = Classifier(dropout.graph).probabilities(to_rows(real_pixels[:3]))

    assert asyncio.run(model.answer(real_pixels[:3])) == pytest.approx(expected, abs=1e-6)
    assert model.digest == dropout.digest
    assert dropout.digest.startswith(model.version)


def test_its_answers_are_judged_by_the_facts_of_its_file(dropout, real_pixels):
    confidence = ConfidenceFacts(exact=CalibrationFacts(temperature=2))
    facts = dropout.facts.model_copy(update={"confidence": confidence})
    model = LoadedModel(replace(dropout, facts=facts))
    (answer,) = asyncio.run(model.answer(real_pixels[:1]))

    judged = model.confidence.calibrate(answer, "exact")
    assert judged.probabilities == pytest.approx(scale_by_temperature(answer, 2), abs=1e-6)


def test_a_swap_leaves_the_old_model_to_those_who_hold_it(dropout, real_pixels):
    live = LiveModel(dropout)
    old = live.current
    live.swap(replace(dropout, digest="f" * 64))

    assert live.current.digest == "f" * 64
    assert asyncio.run(old.answer(real_pixels[:1])).shape == (1, 10)


def test_a_graph_that_does_not_load_changes_nothing(dropout):
    live = LiveModel(dropout)

    with pytest.raises(ModelRefused):
        live.swap(replace(dropout, graph=b"not a graph"))
    assert live.current.digest == dropout.digest
