import asyncio
from dataclasses import replace

import pytest

from service.errors import ModelRefused
from service.fashion import to_rows
from service.model.classifier import Classifier
from service.model.confidence import calibrate
from service.model.facts import ConfidenceFacts, RouteFacts
from service.model.live import LiveModel, LoadedModel
from service.settings import Settings


def test_it_answers_as_its_graph_does_and_says_which_file_it_came_from(examined, real_pixels):
    model = LoadedModel(examined, Settings())
    expected = Classifier(examined.graph).probabilities(to_rows(real_pixels[:3]))

    assert asyncio.run(model.answer(real_pixels[:3])) == pytest.approx(expected, abs=1e-6)
    assert model.digest == examined.digest
    assert examined.digest.startswith(model.version)


def test_its_answers_are_judged_by_the_facts_of_its_file(examined, real_pixels):
    confidence = ConfidenceFacts(genuine=RouteFacts(temperature=2))
    facts = examined.facts.model_copy(update={"confidence": confidence})
    model = LoadedModel(replace(examined, facts=facts), Settings())
    (answer,) = asyncio.run(model.answer(real_pixels[:1]))

    judged = model.confidence.judge(answer, "genuine")
    assert judged.probabilities == pytest.approx(calibrate(answer, 2), abs=1e-6)


def test_a_swap_leaves_the_old_model_to_those_who_hold_it(examined, real_pixels):
    live = LiveModel(examined, Settings())
    old = live.current
    live.swap(replace(examined, digest="f" * 64))

    assert live.current.digest == "f" * 64
    assert asyncio.run(old.answer(real_pixels[:1])).shape == (1, 10)


def test_a_graph_that_does_not_load_changes_nothing(examined):
    live = LiveModel(examined, Settings())

    with pytest.raises(ModelRefused):
        live.swap(replace(examined, graph=b"not a graph"))
    assert live.current.digest == examined.digest
