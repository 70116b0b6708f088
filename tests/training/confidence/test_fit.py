import numpy as np
import pytest

from service.fashion_mnist import to_rows
from service.model.classifier import Classifier
from service.model.confidence import Confidence
from service.model.facts import Facts
from service.model_file.export import compile_graph, describe
from training.confidence.fit import Known, fit_confidence
from training.confidence.mahalanobis import with_strangeness
from training.data.dataset import Named, Pictures
from training.predict import answers
from training.publish import publish


def named(pictures, start, end):
    return Named.of(Pictures(pictures.pixels[start:end], pictures.labels[start:end]))


def inverted(pictures):
    return Named(255 - pictures.pixels, pictures.allowed)


@pytest.fixture(scope="module")
def trained(fit_sample, tmp_path_factory):
    return fit_sample(tmp_path_factory.mktemp("trained"), recipe="relu", epochs=8)


@pytest.fixture(scope="module")
def genuine(data):
    return Known(named(data.train, 0, 1200), named(data.test, 0, 500))


@pytest.fixture(scope="module")
def known(genuine):
    """Genuine pictures, and inverted ones in the place of photographs."""
    photographs = Known(inverted(genuine.learned), inverted(genuine.held_out))
    return {"exact": genuine, "photo": photographs}


@pytest.fixture(scope="module")
def fitted(trained, known):
    return fit_confidence(trained.model, known)


@pytest.fixture(scope="module")
def judge(trained, fitted):
    """Judge pictures of a route, as the service would."""
    graph = compile_graph(with_strangeness(trained.model, fitted.clusters))
    classifier, judging = Classifier(graph), Confidence(fitted.facts)

    def run(pixels, route):
        return [judging.calibrate(row, route) for row in classifier.predict(to_rows(pixels))]

    return run


def test_known_pictures_of_each_route_are_kept(judge, data):
    unseen = data.test.pixels[500:]

    for pixels, route, kept in ((unseen, "exact", 0.9), (255 - unseen, "photo", 0.86)):
        assert np.mean([not one.out_of_distribution for one in judge(pixels, route)]) > kept


def test_pictures_of_another_kind_are_strangers(judge, data):
    noise = np.random.default_rng(1).integers(0, 256, (200, 28, 28), np.uint8)

    for pixels in (noise, 255 - data.test.pixels[:200]):
        assert np.mean([one.out_of_distribution for one in judge(pixels, "exact")]) > 0.6


def test_each_route_has_a_temperature_of_its_own(fitted):
    learned = fitted.facts.learned()

    assert learned["exact"].temperature != learned["photo"].temperature


def test_where_several_classes_are_allowed_the_likeliest_counts(trained, genuine):
    learned = Named(genuine.learned.pixels, np.ones_like(genuine.learned.allowed))
    fitted = fit_confidence(trained.model, {"exact": Known(learned, genuine.held_out)})
    answered = answers(trained.model, learned.pixels).argmax(axis=1)

    assert fitted.clusters[0].means.shape == (len(np.unique(answered)), 100)


def test_a_network_without_features_gets_a_temperature_alone(network, genuine):
    import keras

    layers = [keras.Input((28, 28)), keras.layers.Flatten(), keras.layers.Dense(10, "softmax")]
    fitted = fit_confidence(keras.Sequential(layers), {"exact": genuine})

    assert fitted.clusters == ()
    assert fitted.facts.exact.out_of_distribution is None
    assert fitted.facts.photo is None


def test_what_was_fitted_travels_in_the_model_file(trained, fitted, data, tmp_path):
    facts = Facts(architecture=describe(trained.model), confidence=fitted.facts)
    examined = publish(
        trained.model, facts, data.test.pixels[:8], tmp_path / "model.h5", fitted.clusters
    )

    assert examined.facts.confidence == fitted.facts
    assert Classifier(examined.graph).width == 12
