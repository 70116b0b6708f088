import json

import h5py
import numpy as np
import pytest

from service.errors import ModelRefused
from service.model_file import hdf5

BIAS = "hidden/dropout/hidden/bias"


@pytest.fixture
def file(model_copy):
    """A copy of the small model, open for changes."""
    with h5py.File(model_copy, "r+") as opened:
        yield opened


@pytest.fixture
def empty(tmp_path):
    with h5py.File(tmp_path / "empty.h5", "w") as opened:
        yield opened


def set_facts(file, facts):
    del file[hdf5.GROUP]["facts"]
    file[hdf5.GROUP]["facts"] = np.frombuffer(json.dumps(facts).encode(), np.uint8)


@pytest.mark.parametrize("scores", [0, 2])
def test_what_is_written_is_read(model_copy, scores):
    with h5py.File(model_copy) as opened:
        before = hdf5.read_parts(opened)
    outputs = np.pad(before.golden.outputs, ((0, 0), (0, scores)), constant_values=0.5)
    golden = hdf5.Golden(before.golden.pixels, outputs)
    hdf5.add_parts(model_copy, before.facts, golden, b"another graph")

    with h5py.File(model_copy) as opened:
        after = hdf5.read_parts(opened)
        assert opened[hdf5.GROUP]["golden_probabilities"].shape[1] == 10
    assert after.graph == b"another graph"
    assert after.facts == before.facts
    assert (after.golden.pixels == before.golden.pixels).all()
    assert (after.golden.outputs == outputs).all()


def test_one_changed_weight_changes_the_digest(file):
    before = hdf5.weights_digest(file)
    file[hdf5.WEIGHTS][BIAS][0] += 0.001

    assert before == hdf5.read_parts(file).weights_digest
    assert before != hdf5.weights_digest(file)


def test_weights_that_are_not_finite_are_refused_by_name(file):
    file[hdf5.WEIGHTS][BIAS][0] = np.nan

    with pytest.raises(ModelRefused, match=f"not finite numbers, in {BIAS}"):
        hdf5.weights_digest(file)


def test_too_many_weights_are_refused(empty):
    empty[f"{hdf5.WEIGHTS}/dense/kernel"] = np.zeros(20_000_001, np.uint8)

    with pytest.raises(ModelRefused, match="20000001 weights"):
        hdf5.weights_digest(empty)


def test_an_hdf5_file_without_weights_is_refused(empty):
    with pytest.raises(ModelRefused, match="no weights"):
        hdf5.weights_digest(empty)


def test_a_file_without_our_group_is_a_plain_keras_file(file):
    del file[hdf5.GROUP]

    assert hdf5.read_parts(file) is None
    assert hdf5.read_config(file)["class_name"] in ("Sequential", "Functional")


def test_weights_without_an_architecture_are_refused(file):
    del file.attrs[hdf5.CONFIG]

    with pytest.raises(ModelRefused, match=r"model\.save\(\)"):
        hdf5.read_config(file)


@pytest.mark.parametrize("name", ["facts", "graph", "golden_pixels", "golden_probabilities"])
def test_a_missing_part_is_refused(file, name):
    del file[hdf5.GROUP][name]

    with pytest.raises(ModelRefused, match="incomplete"):
        hdf5.read_parts(file)


def test_invalid_facts_are_refused(file):
    set_facts(file, {"recipe": 3})

    with pytest.raises(ModelRefused, match="damaged"):
        hdf5.read_parts(file)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("temperature", 0),
        ("temperature", -1),
        ("temperature", 1e9),
        ("temperature", float("nan")),
        ("temperature", float("inf")),
        ("temperature", None),
        ("threshold", 1),
        ("threshold", float("nan")),
        ("quantiles", []),
        ("quantiles", [0.5, 0.4]),
        ("quantiles", [0.5, float("nan")]),
        ("quantiles", [0.5, 3]),
        ("quantiles", [0.5] * 1001),
        ("more", 1),
    ],
)
def test_invalid_confidence_facts_are_refused(file, name, value):
    facts = hdf5.read_parts(file).facts.model_dump(mode="json")
    scores = {"quantiles": [0.1, 0.2], "threshold": 0.9}
    exact = {"temperature": 1.5, "out_of_distribution": scores}
    (scores if name in scores else exact)[name] = value
    set_facts(file, {**facts, "confidence": {"exact": exact}})

    with pytest.raises(ModelRefused, match="damaged"):
        hdf5.read_parts(file)
