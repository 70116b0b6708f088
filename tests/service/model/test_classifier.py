import numpy as np
import pytest

from service.errors import ModelRefused
from service.fashion_mnist import to_rows
from service.model.classifier import Classifier
from service.model_file.export import compile_graph
from training.confidence.mahalanobis import fit_clusters, unit_features, with_ood_scores


def test_it_returns_ten_probabilities_for_each_row(dropout, real_pixels):
    found = Classifier(dropout.graph).probabilities(to_rows(real_pixels[:5]))

    assert found.shape == (5, 10)
    assert found.dtype == np.float32
    assert found.sum(axis=1) == pytest.approx(1, abs=1e-6)


def test_a_picture_gets_the_same_probabilities_in_any_batch(examined, real_pixels):
    classifier = Classifier(examined.graph)
    rows = to_rows(real_pixels[:64])
    alone = np.concatenate([classifier.probabilities(row[None]) for row in rows])

    for size in (64, 7, 64, 1):
        assert classifier.probabilities(rows[:size]) == pytest.approx(alone[:size], abs=2e-6)


def test_out_of_distribution_scores_follow_the_probabilities(network, real_pixels, real_labels):
    model = network()
    known = fit_clusters(unit_features(model, real_pixels), real_labels)
    scored = with_ood_scores(model, [known])
    alone, both = Classifier(compile_graph(model)), Classifier(compile_graph(scored))
    rows = to_rows(real_pixels[50:60])

    assert (alone.width, both.width) == (10, 11)
    assert alone.predict(rows).shape == (10, 10)
    assert both.predict(rows).shape == (10, 11)
    assert both.probabilities(rows) == pytest.approx(alone.probabilities(rows), abs=1e-6)


@pytest.mark.parametrize("width", [9, 13])
def test_a_graph_with_another_output_width_is_refused(width, network, tmp_path):
    network((784,), outputs=width).export(tmp_path / "graph.tflite", format="litert", verbose=False)

    with pytest.raises(ModelRefused, match=r"expected one tensor float32\[n, 10 or 11 or 12\]"):
        Classifier((tmp_path / "graph.tflite").read_bytes())


def test_bytes_that_are_not_a_graph_are_refused():
    with pytest.raises(ModelRefused, match="does not load"):
        Classifier(b"this is not a graph")
