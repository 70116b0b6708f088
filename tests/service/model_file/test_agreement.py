import numpy as np
import pytest

from service.errors import ModelRefused
from service.fashion_mnist import to_rows
from service.model.classifier import Classifier
from service.model_file.agreement import check_agreement, check_probabilities
from service.model_file.export import compile_graph
from training.confidence.mahalanobis import fit_clusters, unit_features, with_ood_scores


@pytest.fixture
def classifier(dropout):
    return Classifier(dropout.graph)


def test_a_graph_agrees_with_its_own_outputs_at_every_batch_size(classifier, real_pixels):
    rows = to_rows(real_pixels[:9])
    check_agreement(classifier, rows, classifier.probabilities(rows))


@pytest.mark.parametrize("wrong", [2e-5, np.nan])
def test_one_differing_number_is_refused(classifier, real_pixels, wrong):
    rows = to_rows(real_pixels[:9])
    expected = classifier.probabilities(rows)
    expected[8, 3] += wrong

    with pytest.raises(ModelRefused, match="differs from Keras"):
        check_agreement(classifier, rows, expected)


def test_out_of_distribution_scores_are_compared_too(network, real_pixels, real_labels):
    model = network()
    known = fit_clusters(unit_features(model, real_pixels), real_labels)
    scored = with_ood_scores(model, [known])
    classifier, rows = Classifier(compile_graph(scored)), to_rows(real_pixels[:9])
    expected = classifier.predict(rows)
    check_agreement(classifier, rows, expected)
    expected[3, 10] += 2e-5

    with pytest.raises(ModelRefused, match="differs from Keras"):
        check_agreement(classifier, rows, expected)


def test_columns_after_the_probabilities_may_hold_any_number():
    check_probabilities(np.array([[0.1] * 10 + [1.7]], np.float32))


@pytest.mark.parametrize("outputs", [[[0.2] * 10], [[2.0, -1.0] + [0.0] * 8], [[np.nan] * 10]])
def test_numbers_that_are_not_probabilities_are_refused(outputs):
    with pytest.raises(ModelRefused, match="softmax"):
        check_probabilities(np.array(outputs, np.float32))
