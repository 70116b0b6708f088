"""Hostile model files: each is refused in a child process, for the right reason."""

import hashlib
import itertools
import resource

import h5py
import keras
import pytest

from service.errors import ModelRefused
from service.model_file.examiner import ExaminerLimits, examine
from tests.hostile.bad_models import BAD_MODELS
from tests.hostile.fuzz_models import Mutants, outcome

LIMITS = ExaminerLimits(seconds=45)
"""A file that takes longer is refused for that reason; most take half a second."""


def refuse(path, limits=LIMITS):
    """Return why a file is refused, with its digest and without memory use in this process."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(ModelRefused) as refusal:
        examine(path, limits)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024
    assert refusal.value.digest == hashlib.sha256(path.read_bytes()).hexdigest()
    sentence = str(refusal.value)
    assert sentence.startswith(f"The model {path} may not serve: ")
    assert sentence.endswith(".")
    assert "\n" not in sentence
    return sentence


@pytest.mark.parametrize("spoil", BAD_MODELS, ids=lambda spoil: spoil.__name__)
def test_a_bad_model_is_refused_for_the_right_reason(spoil, model_copy):
    with h5py.File(model_copy, "r+") as file:
        spoil(file)

    assert BAD_MODELS[spoil] in refuse(model_copy)


@pytest.mark.parametrize("share", [0, 0.001, 0.01, 0.2, 0.5, 0.8, 0.99, 0.9999])
def test_a_file_cut_short_is_refused(model_copy, share):
    data = model_copy.read_bytes()
    model_copy.write_bytes(data[: int(len(data) * share)])

    refuse(model_copy)


def test_randomly_damaged_files_serve_or_are_refused(tmp_path):
    outcomes = [outcome(data, tmp_path) for data in itertools.islice(Mutants(seed=1), 60)]

    assert len(outcomes) == 60
    assert outcomes.count("serves") < 60


def plain(path, *layers):
    keras.Sequential([keras.Input((784,)), *layers]).save(path)
    return path


def test_code_in_a_plain_file_never_runs(tmp_path):
    marker = tmp_path / "ran"

    def mark(rows, where=str(marker)):
        with open(where, "w"):
            return rows

    layers = [keras.layers.Lambda(mark), keras.layers.Dense(10, "softmax")]
    path = plain(tmp_path / "plain.h5", *layers)
    marker.unlink(missing_ok=True)

    assert "'Lambda', which is not allowed" in refuse(path)
    assert not marker.exists()


def test_weights_of_a_plain_file_are_counted_before_they_are_created(tmp_path):
    """Each layer alone is small enough; together they would take 17 GB."""
    layers = [keras.layers.Dense(11, "relu"), keras.layers.Dense(12, "relu")]
    path = plain(tmp_path / "plain.h5", *layers, keras.layers.Dense(10, "softmax"))
    with h5py.File(path, "r+") as opened:
        text = opened.attrs["model_config"]
        for units in (11, 12):
            text = text.replace(f'"units": {units}', '"units": 65000')
        opened.attrs["model_config"] = text

    assert "more than 20000000 weights" in refuse(path)


def test_a_plain_file_that_needs_too_much_memory_is_refused(tmp_path):
    path = plain(tmp_path / "plain.h5", keras.layers.Dense(10, "softmax"))

    refuse(path, ExaminerLimits(keras_memory_mib=1024))
