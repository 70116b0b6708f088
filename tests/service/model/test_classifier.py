import numpy as np
import pytest

from service.errors import ModelRefused
from service.fashion import to_rows
from service.model.classifier import Classifier


def test_it_answers_ten_probabilities_for_each_row(examined, real_pixels):
    answers = Classifier(examined.graph).probabilities(to_rows(real_pixels[:5]))

    assert answers.shape == (5, 10)
    assert answers.dtype == np.float32
    assert answers.sum(axis=1) == pytest.approx(1, abs=1e-6)


def test_a_picture_gets_the_same_answer_in_any_batch(examined, real_pixels):
    classifier = Classifier(examined.graph)
    rows = to_rows(real_pixels[:64])
    alone = np.concatenate([classifier.probabilities(row[None]) for row in rows])

    for size in (64, 7, 64, 1):
        assert classifier.probabilities(rows[:size]) == pytest.approx(alone[:size], abs=2e-6)


def test_bytes_that_are_no_graph_are_refused():
    with pytest.raises(ModelRefused, match="does not load"):
        Classifier(b"this is not a graph")
