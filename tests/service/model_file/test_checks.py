import hashlib
import shutil
from pathlib import Path

import h5py
import numpy as np
import pytest

from service.errors import ModelRefused
from service.model.facts import CalibrationFacts, ConfidenceFacts, Facts, OutOfDistributionFacts
from service.model_file import hdf5
from service.model_file.checks import inspect
from service.model_file.export import describe
from service.model_file.hdf5_rules import open_container
from service.model_file.source import read_source
from training.confidence.mahalanobis import fit_clusters, unit_features
from training.publish import publish


@pytest.fixture
def copy(dropout_model, tmp_path):
    return Path(shutil.copy(dropout_model, tmp_path / "model.h5"))


@pytest.fixture
def judging(network, real_pixels, real_labels, tmp_path):
    """A file whose graph answers a strangeness beside the probabilities."""
    model = network()
    strangers = OutOfDistributionFacts(quantiles=(0.1, 0.2), threshold=0.95)
    confidence = ConfidenceFacts(
        exact=CalibrationFacts(temperature=1.5, out_of_distribution=strangers)
    )
    facts = Facts(architecture=describe(model), confidence=confidence)
    known = fit_clusters(unit_features(model, real_pixels), real_labels)
    publish(model, facts, real_pixels[50:58], tmp_path / "judging.h5", [known])
    return tmp_path / "judging.h5"


def inspect_ours(path):
    """Inspect a file that must not need TensorFlow."""
    return inspect(read_source(path), before_keras=lambda: pytest.fail("TensorFlow was asked for"))


def test_the_shipped_model_may_serve(shipped_model):
    model = inspect_ours(shipped_model)

    assert model.digest == hashlib.sha256(shipped_model.read_bytes()).hexdigest()
    assert model.facts.recipe == "cnn"
    assert model.warnings == ()


def test_a_plain_file_is_exported_and_says_so(network, tmp_path):
    network((28, 28, 1)).save(tmp_path / "plain.h5")
    asked = []
    model = inspect(read_source(tmp_path / "plain.h5"), before_keras=lambda: asked.append(True))

    assert asked == [True]
    assert model.facts.recipe is None
    assert "plain Keras file" in model.warnings[0]
    assert "every batch of up to 64" in model.warnings[0]


def test_changed_weights_under_an_old_graph_are_refused(copy):
    with h5py.File(copy, "r+") as opened:
        opened[hdf5.WEIGHTS].visititems(_nudge)

    with pytest.raises(ModelRefused, match="its weights are not those"):
        inspect_ours(copy)


def _nudge(_, item):
    if isinstance(item, h5py.Dataset):
        item[...] = item[...] + 0.001


def test_a_graph_that_forgets_to_scale_is_caught_by_the_golden_examples(copy):
    change(copy, "golden_pixels", lambda pixels: pixels // 2)

    with pytest.raises(ModelRefused, match="differs from Keras"):
        inspect_ours(copy)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("golden_pixels", np.zeros((0, 28, 28), np.uint8)),
        ("golden_pixels", np.zeros((3, 14, 14), np.uint8)),
        ("golden_probabilities", np.zeros((3, 9), np.float32)),
        ("golden_probabilities", np.zeros((1, 10), np.float32)),
    ],
)
def test_golden_examples_of_another_shape_are_refused(copy, name, value):
    change(copy, name, lambda _: value)

    with pytest.raises(ModelRefused, match="golden examples"):
        inspect_ours(copy)


def test_a_graph_that_is_none_is_refused_before_the_engine_sees_it(copy):
    change(copy, "graph", lambda graph: graph[::-1])

    with pytest.raises(ModelRefused, match="not a LiteRT graph"):
        inspect_ours(copy)


def test_a_layer_that_is_not_allowed_is_refused_in_our_own_files_too(copy):
    with h5py.File(copy, "r+") as opened:
        opened.attrs[hdf5.CONFIG] = opened.attrs[hdf5.CONFIG].replace('"Dropout"', '"Lambda"')

    with pytest.raises(ModelRefused, match="'Lambda', which is not allowed"):
        inspect_ours(copy)


def test_a_model_for_other_classes_is_refused(copy):
    with open_container(copy.read_bytes()) as opened:
        parts = hdf5.read_parts(opened)
    facts = parts.facts.model_copy(update={"class_names": tuple("abcdefghij")})
    hdf5.add_parts(copy, facts, parts.golden, parts.graph)

    with pytest.raises(ModelRefused, match="other classes"):
        inspect_ours(copy)


def test_a_file_that_knows_strangers_may_serve(judging):
    assert inspect_ours(judging).facts.confidence.exact.temperature == 1.5


def test_a_strangeness_that_is_not_that_of_the_golden_examples_is_refused(judging):
    change(judging, "golden_strangeness", lambda numbers: numbers + 1e-4)

    with pytest.raises(ModelRefused, match="differs from Keras"):
        inspect_ours(judging)


def test_golden_examples_without_their_strangeness_are_refused(judging):
    with h5py.File(judging, "r+") as opened:
        del opened[hdf5.GROUP]["golden_strangeness"]

    with pytest.raises(ModelRefused, match="golden examples have no answers"):
        inspect_ours(judging)


def test_a_graph_that_answers_what_the_facts_do_not_tell_of_is_refused(judging):
    with open_container(judging.read_bytes()) as opened:
        parts = hdf5.read_parts(opened)
    facts = parts.facts.model_copy(update={"confidence": None})
    hdf5.add_parts(judging, facts, parts.golden, parts.graph)

    with pytest.raises(ModelRefused, match="its graph answers 11 numbers"):
        inspect_ours(judging)


def change(path, name, function):
    """Replace one of our datasets by a function of it."""
    with h5py.File(path, "r+") as opened:
        group = opened[hdf5.GROUP]
        value = function(group[name][()])
        del group[name]
        group[name] = value
