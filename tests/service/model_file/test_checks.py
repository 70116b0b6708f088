import hashlib

import h5py
import numpy as np
import pytest

from service.errors import ModelRefused
from service.model.facts import CalibrationFacts, ConfidenceFacts, Facts, OutOfDistributionFacts
from service.model_file import hdf5
from service.model_file.checks import check_model
from service.model_file.export import describe
from service.model_file.source import read_source
from training.confidence.mahalanobis import fit_clusters, unit_features
from training.publish import publish


@pytest.fixture
def scored(network, real_pixels, real_labels, tmp_path):
    """A file whose graph also outputs an out-of-distribution score."""
    model = network()
    scores = OutOfDistributionFacts(quantiles=(0.1, 0.2), threshold=0.95)
    confidence = ConfidenceFacts(
        exact=CalibrationFacts(temperature=1.5, out_of_distribution=scores)
    )
    facts = Facts(architecture=describe(model), confidence=confidence)
    known = fit_clusters(unit_features(model, real_pixels), real_labels)
    publish(model, facts, real_pixels[50:58], tmp_path / "scored.h5", [known])
    return tmp_path / "scored.h5"


def check_ours(path):
    """Check a file that must not need TensorFlow."""
    return check_model(
        read_source(path), before_keras=lambda: pytest.fail("TensorFlow was asked for")
    )


def test_the_shipped_model_may_serve(shipped_model):
    model = check_ours(shipped_model)

    assert model.digest == hashlib.sha256(shipped_model.read_bytes()).hexdigest()
    assert model.facts.recipe == "cnn"
    assert model.warnings == ()


def test_a_plain_file_is_exported_with_a_warning(network, tmp_path):
    network((28, 28, 1)).save(tmp_path / "plain.h5")
    asked = []
    model = check_model(read_source(tmp_path / "plain.h5"), before_keras=lambda: asked.append(True))

    assert asked == [True]
    assert model.facts.recipe is None
    assert "plain Keras file" in model.warnings[0]
    assert "every batch of up to 64" in model.warnings[0]


def test_golden_examples_reveal_pixels_of_another_scale(model_copy):
    change(model_copy, "golden_pixels", lambda pixels: pixels // 2)

    with pytest.raises(ModelRefused, match="differs from Keras"):
        check_ours(model_copy)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("golden_pixels", np.zeros((0, 28, 28), np.uint8)),
        ("golden_pixels", np.zeros((3, 14, 14), np.uint8)),
        ("golden_probabilities", np.zeros((3, 9), np.float32)),
        ("golden_probabilities", np.zeros((1, 10), np.float32)),
    ],
)
def test_golden_examples_of_another_shape_are_refused(model_copy, name, value):
    change(model_copy, name, lambda _: value)

    with pytest.raises(ModelRefused, match="golden examples"):
        check_ours(model_copy)


def test_bytes_that_are_not_a_graph_never_reach_litert(model_copy):
    change(model_copy, "graph", lambda graph: graph[::-1])

    with pytest.raises(ModelRefused, match="not a LiteRT graph"):
        check_ours(model_copy)


@pytest.mark.parametrize("facts", [{"class_names": tuple("abcdefghij")}, {"scaling": "none"}])
def test_a_model_for_other_classes_or_pixels_is_refused(model_copy, facts):
    change_facts(model_copy, **facts)

    with pytest.raises(ModelRefused, match="other classes or another scaling"):
        check_ours(model_copy)


def test_a_file_with_out_of_distribution_scores_may_serve(scored):
    assert check_ours(scored).facts.confidence.exact.temperature == 1.5


def test_scores_that_differ_from_the_golden_examples_are_refused(scored):
    change(scored, hdf5.SCORES, lambda numbers: numbers + 1e-4)

    with pytest.raises(ModelRefused, match="differs from Keras"):
        check_ours(scored)


def test_golden_examples_without_scores_are_refused(scored):
    with h5py.File(scored, "r+") as opened:
        del opened[hdf5.GROUP][hdf5.SCORES]

    with pytest.raises(ModelRefused, match="outputs of its golden examples have the wrong shape"):
        check_ours(scored)


def test_scores_that_the_facts_do_not_describe_are_refused(scored):
    change_facts(scored, confidence=None)

    with pytest.raises(ModelRefused, match="its graph has 11 outputs, but its facts describe 10"):
        check_ours(scored)


def change_facts(path, **changed):
    with h5py.File(path) as opened:
        parts = hdf5.read_parts(opened)
    facts = parts.facts.model_copy(update=changed)
    hdf5.add_parts(path, facts, parts.golden, parts.graph)


def change(path, name, function):
    """Apply a function to one of our datasets."""
    with h5py.File(path, "r+") as opened:
        group = opened[hdf5.GROUP]
        value = function(group[name][()])
        del group[name]
        group[name] = value
