import numpy as np
import pytest

from service.errors import ModelRefused
from service.fashion import to_rows
from service.model.agreement import check_agreement, check_probabilities
from service.model.classifier import Classifier


@pytest.fixture
def classifier(examined):
    return Classifier(examined.graph)


def test_a_graph_agrees_with_its_own_answers_at_every_size(classifier, real_pixels):
    rows = to_rows(real_pixels[:9])
    check_agreement(classifier, rows, classifier.probabilities(rows))


@pytest.mark.parametrize("wrong", [2e-5, np.nan])
def test_one_number_that_differs_is_enough_to_refuse(classifier, real_pixels, wrong):
    rows = to_rows(real_pixels[:9])
    expected = classifier.probabilities(rows)
    expected[8, 3] += wrong

    with pytest.raises(ModelRefused, match="differs from Keras"):
        check_agreement(classifier, rows, expected)


@pytest.mark.parametrize("answers", [[[0.2] * 10], [[2.0, -1.0] + [0.0] * 8], [[np.nan] * 10]])
def test_numbers_that_are_no_probabilities_are_refused(answers):
    with pytest.raises(ModelRefused, match="softmax"):
        check_probabilities(np.array(answers, np.float32))
