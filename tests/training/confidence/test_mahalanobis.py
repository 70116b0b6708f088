import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from service.fashion_mnist import to_rows
from service.model.classifier import Classifier
from service.model_file.export import compile_graph, keras_probabilities
from training.confidence.mahalanobis import (
    feature_layer,
    fit_clusters,
    fit_outliers,
    unit_features,
    with_ood_scores,
)


def hidden(model, pixels):
    """Compute the hidden layer of the small network, normalised, in numpy."""
    kernel, bias = model.get_layer("hidden").get_weights()
    found = np.maximum(to_rows(pixels) @ kernel + bias, 0)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def test_features_are_the_input_of_the_last_layer(network, data):
    found = unit_features(network(), data.test.pixels[:1200])

    assert found.dtype == np.float32
    assert found == pytest.approx(hidden(network(), data.test.pixels[:1200]), abs=1e-5)


@pytest.fixture
def clusters(network, data):
    """Clusters of two sets of pictures in the small network."""
    first, second = data.train.pixels[:600], 255 - data.train.pixels
    return [
        fit_clusters(unit_features(network(), pixels), labels)
        for pixels, labels in ((first, data.train.labels[:600]), (second, data.train.labels))
    ]


def test_the_score_is_the_distance_to_the_nearest_class(network, data):
    model, (train, labels) = network(), (hidden(network(), data.train.pixels), data.train.labels)
    means = np.stack([train[labels == one].mean(axis=0) for one in range(10)])
    spread = np.cov((train - means[labels]).T)
    spread = 0.99 * spread + 0.01 * np.eye(20) * np.trace(spread) / 20
    rows = to_rows(data.test.pixels[:20])
    away = hidden(model, data.test.pixels[:20])[:, None] - means
    squares = np.einsum("nck,kl,ncl->nc", away, np.linalg.inv(spread), away).min(axis=1) / 20
    scored = with_ood_scores(model, [fit_clusters(unit_features(model, data.train.pixels), labels)])

    found = keras_probabilities(scored, rows)
    assert found[:, :10] == pytest.approx(keras_probabilities(model, rows), abs=1e-6)
    assert found[:, 10] == pytest.approx(squares / (1 + squares), abs=1e-4)


def test_known_outliers_improve_the_score(network, data):
    model, labels = network(), data.train.labels
    known, unseen = data.train.pixels, data.test.pixels
    strange, others = (unit_features(model, np.roll(255 - one, 9, 1)) for one in (known, unseen))
    alone = fit_clusters(unit_features(model, known), labels)
    fitted = fit_outliers(alone, unit_features(model, known), strange[:100])

    def auroc(clusters):
        scores = [_score(clusters, one) for one in (unit_features(model, unseen), others)]
        truth = [False] * len(scores[0]) + [True] * len(scores[1])
        return roc_auc_score(truth, np.concatenate(scores))

    assert auroc(fitted) > max(0.9, auroc(alone))
    found = keras_probabilities(with_ood_scores(model, [fitted]), to_rows(unseen[:20]))[:, 10]
    assert found == pytest.approx(_score(fitted, unit_features(model, unseen[:20])), abs=1e-5)


def _score(clusters, found):
    sums = found @ clusters.weights + clusters.slope * clusters.log_distances(found) + clusters.bias
    return 1 / (1 + np.exp(-sums))


def test_each_clusters_adds_a_column(network, data, clusters):
    rows = to_rows(data.test.pixels[:20])
    both = keras_probabilities(with_ood_scores(network(), clusters), rows)

    for column, alone in enumerate(clusters, start=10):
        one = keras_probabilities(with_ood_scores(network(), [alone]), rows)
        assert both[:, column] == pytest.approx(one[:, 10], abs=1e-6)


def test_the_compiled_graph_has_the_scores_too(network, data, clusters):
    scored = with_ood_scores(network(), clusters)
    rows = to_rows(data.test.pixels[:20])
    classifier = Classifier(compile_graph(scored))

    assert classifier.predict(rows) == pytest.approx(keras_probabilities(scored, rows), abs=1e-5)
    assert classifier.width == 12


def test_a_class_without_pictures_has_no_mean(network, data):
    some = data.train.labels < 3
    found = fit_clusters(unit_features(network(), data.train.pixels[some]), data.train.labels[some])

    assert found.means.shape == (3, 20)


def test_identical_pictures_can_be_fitted():
    found = fit_clusters(np.full((5, 4), 0.5, np.float32), np.zeros(5, int))

    assert np.isfinite(found.whitening).all()


def test_a_network_without_a_hidden_or_a_last_dense_layer_has_no_features():
    import keras

    layers = [keras.Input((28, 28)), keras.layers.Flatten(), keras.layers.Dense(10, "softmax")]
    model = keras.Sequential(layers)

    assert feature_layer(model) is None
    assert unit_features(model, np.zeros((1, 28, 28), np.uint8)) is None
    assert with_ood_scores(model, []) is model

    layers = [keras.Input((784,)), keras.layers.Dense(10), keras.layers.Softmax()]
    assert feature_layer(keras.Sequential(layers)) is None
