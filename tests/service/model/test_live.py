import asyncio

import pytest

from service.fashion import to_rows
from service.model.classifier import Classifier
from service.model.live import LiveModel
from service.settings import Settings


def test_it_answers_as_its_graph_does_and_says_which_file_it_came_from(examined, real_pixels):
    live = LiveModel(examined, Settings())
    expected = Classifier(examined.graph).probabilities(to_rows(real_pixels[:3]))

    assert asyncio.run(live.probabilities(real_pixels[:3])) == pytest.approx(expected, abs=1e-6)
    assert live.digest == examined.digest
    assert examined.digest.startswith(live.version)
