import numpy as np
import pytest

from service.fashion_mnist import to_rows
from service.model.classifier import Classifier
from service.model.confidence import Confidence
from service.model.facts import Facts
from service.model_file.export import compile_graph, describe
from training.confidence.fit import CalibrationData, fit_confidence
from training.confidence.mahalanobis import with_ood_scores
from training.data.dataset import MultiLabel, Pictures
from training.predict import predict
from training.publish import publish


def part(pictures, start, end):
    return Pictures(pictures.pixels[start:end], pictures.labels[start:end]).multi_label()


def inverted(pictures):
    return MultiLabel(255 - pictures.pixels, pictures.allowed)


@pytest.fixture(scope="module")
def trained(fit_sample, tmp_path_factory):
    return fit_sample(tmp_path_factory.mktemp("trained"), recipe="relu", epochs=8)


@pytest.fixture(scope="module")
def exact(data):
    return CalibrationData(part(data.train, 0, 1200), part(data.test, 0, 500))


@pytest.fixture(scope="module")
def both(exact):
    """Exact pictures, and inverted ones in the place of photographs."""
    photographs = CalibrationData(inverted(exact.trained), inverted(exact.held_out))
    return {"exact": exact, "photo": photographs}


@pytest.fixture(scope="module")
def fitted(trained, both):
    return fit_confidence(trained.model, both)


@pytest.fixture(scope="module")
def predict_served(trained, fitted):
    """Predict pictures as the service would."""
    graph = compile_graph(with_ood_scores(trained.model, fitted.clusters))
    classifier, confidence = Classifier(graph), Confidence(fitted.facts)

    def run(pixels, fit):
        return [confidence.calibrate(row, fit) for row in classifier.predict(to_rows(pixels))]

    return run


def test_most_known_pictures_are_not_out_of_distribution(predict_served, data):
    unseen = data.test.pixels[500:]

    for pixels, fit, share in ((unseen, "exact", 0.9), (255 - unseen, "photo", 0.86)):
        assert np.mean([not one.out_of_distribution for one in predict_served(pixels, fit)]) > share


def test_most_pictures_of_another_kind_are_out_of_distribution(predict_served, data):
    noise = np.random.default_rng(1).integers(0, 256, (200, 28, 28), np.uint8)

    for pixels in (noise, 255 - data.test.pixels[:200]):
        assert np.mean([one.out_of_distribution for one in predict_served(pixels, "exact")]) > 0.6


def test_exact_pictures_and_photographs_have_their_own_temperatures(fitted):
    learned = fitted.facts.learned()

    assert learned["exact"].temperature != learned["photo"].temperature


def test_a_picture_with_several_right_classes_joins_its_likeliest(trained, exact):
    pictures = MultiLabel(exact.trained.pixels, np.ones_like(exact.trained.allowed))
    fitted = fit_confidence(trained.model, {"exact": CalibrationData(pictures, exact.held_out)})
    predicted = predict(trained.model, pictures.pixels).argmax(axis=1)

    assert fitted.clusters[0].means.shape == (len(np.unique(predicted)), 100)


def test_a_network_without_features_gets_only_a_temperature(exact):
    import keras

    layers = [keras.Input((28, 28)), keras.layers.Flatten(), keras.layers.Dense(10, "softmax")]
    fitted = fit_confidence(keras.Sequential(layers), {"exact": exact})

    assert fitted.clusters == ()
    assert fitted.facts.exact.out_of_distribution is None
    assert fitted.facts.photo is None


def test_the_model_file_holds_what_was_fitted(trained, fitted, data, tmp_path):
    facts = Facts(architecture=describe(trained.model), confidence=fitted.facts)
    examined = publish(
        trained.model, facts, data.test.pixels[:8], tmp_path / "model.h5", fitted.clusters
    )

    assert examined.facts.confidence == fitted.facts
    assert Classifier(examined.graph).width == 12
