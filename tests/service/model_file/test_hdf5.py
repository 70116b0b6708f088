import json
import shutil
from pathlib import Path

import h5py
import numpy as np
import pytest

from service.errors import ModelRefused
from service.model_file import hdf5
from service.model_file.hdf5_rules import open_hdf5


@pytest.fixture
def copy(dropout_model, tmp_path):
    return Path(shutil.copy(dropout_model, tmp_path / "model.h5"))


def of(read, path):
    """Read a part of a file, as the examiner does."""
    with open_hdf5(path.read_bytes()) as opened:
        return read(opened)


def test_what_is_written_is_read(copy):
    parts = of(hdf5.read_parts, copy)
    hdf5.add_parts(copy, parts.facts, parts.golden, b"another graph")
    again = of(hdf5.read_parts, copy)

    assert again.graph == b"another graph"
    assert again.facts == parts.facts
    assert (again.golden.pixels == parts.golden.pixels).all()
    assert (again.golden.outputs == parts.golden.outputs).all()


def test_the_digest_in_the_file_is_that_of_its_weights(copy):
    assert of(hdf5.read_parts, copy).weights_digest == of(hdf5.weights_digest, copy)


def test_one_changed_weight_changes_the_digest(copy):
    before = of(hdf5.weights_digest, copy)
    with h5py.File(copy, "r+") as opened:
        _first_weights(opened)[0] += 0.001

    assert of(hdf5.weights_digest, copy) != before


def test_weights_that_are_not_finite_are_refused_by_name(copy):
    with h5py.File(copy, "r+") as opened:
        weights = _first_weights(opened)
        weights[0] = np.nan
        name = weights.name.removeprefix("/model_weights/")

    with pytest.raises(ModelRefused, match=f"not finite numbers, in {name}"):
        of(hdf5.weights_digest, copy)


def test_too_many_weights_are_refused(tmp_path):
    with h5py.File(tmp_path / "large.h5", "w") as opened:
        opened[f"{hdf5.WEIGHTS}/dense/kernel"] = np.zeros(20_000_001, np.uint8)

    with pytest.raises(ModelRefused, match="20000001 weights"):
        of(hdf5.weights_digest, tmp_path / "large.h5")


def test_a_file_without_our_group_is_a_plain_keras_file(copy):
    with h5py.File(copy, "r+") as opened:
        del opened[hdf5.GROUP]

    assert of(hdf5.read_parts, copy) is None
    assert of(hdf5.read_config, copy)["class_name"] in ("Sequential", "Functional")


def test_scores_of_golden_examples_are_kept_with_their_probabilities(copy):
    parts = of(hdf5.read_parts, copy)
    count = len(parts.golden.pixels)
    scores = np.linspace(0, 1, 2 * count, dtype=np.float32).reshape(count, 2)
    outputs = np.concatenate([parts.golden.outputs, scores], axis=1)
    hdf5.add_parts(copy, parts.facts, hdf5.Golden(parts.golden.pixels, outputs), parts.graph)

    with h5py.File(copy) as opened:
        assert opened[hdf5.GROUP]["golden_probabilities"].shape == (count, 10)
    assert (of(hdf5.read_parts, copy).golden.outputs == outputs).all()


@pytest.mark.parametrize("name", ["facts", "graph", "golden_pixels", "golden_probabilities"])
def test_a_missing_part_is_refused(copy, name):
    with h5py.File(copy, "r+") as opened:
        del opened[hdf5.GROUP][name]

    with pytest.raises(ModelRefused, match="incomplete"):
        of(hdf5.read_parts, copy)


def test_invalid_facts_are_refused(copy):
    with h5py.File(copy, "r+") as opened:
        del opened[hdf5.GROUP]["facts"]
        opened[hdf5.GROUP]["facts"] = np.frombuffer(b'{"recipe": 3}', np.uint8)

    with pytest.raises(ModelRefused, match="damaged"):
        of(hdf5.read_parts, copy)


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
def test_invalid_confidence_facts_are_refused(copy, name, value):
    facts = of(hdf5.read_parts, copy).facts.model_dump(mode="json")
    scores = {"quantiles": [0.1, 0.2], "threshold": 0.9}
    exact = {"temperature": 1.5, "out_of_distribution": scores}
    (scores if name in scores else exact)[name] = value
    text = json.dumps({**facts, "confidence": {"exact": exact}})
    with h5py.File(copy, "r+") as opened:
        del opened[hdf5.GROUP]["facts"]
        opened[hdf5.GROUP]["facts"] = np.frombuffer(text.encode(), np.uint8)

    with pytest.raises(ModelRefused, match="damaged"):
        of(hdf5.read_parts, copy)


def test_an_hdf5_file_without_weights_is_refused(tmp_path):
    with h5py.File(tmp_path / "other.h5", "w") as opened:
        opened["numbers"] = np.arange(3)

    with pytest.raises(ModelRefused, match="no weights"):
        of(hdf5.weights_digest, tmp_path / "other.h5")


def test_weights_without_an_architecture_are_refused(copy):
    with h5py.File(copy, "r+") as opened:
        del opened.attrs[hdf5.CONFIG]

    with pytest.raises(ModelRefused, match=r"model\.save\(\)"):
        of(hdf5.read_config, copy)


def _first_weights(opened):
    found = []
    opened[hdf5.WEIGHTS].visititems(
        lambda _, item: found.append(item) if isinstance(item, h5py.Dataset) else None
    )
    return found[0]
