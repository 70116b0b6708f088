import shutil

import h5py
import pytest

from service.errors import ModelRefused
from service.model_file.hdf5 import add_parts, read_parts
from service.model_file.hdf5_rules import open_hdf5
from training.evaluation.verify import probes, verify


def test_the_shipped_graph_agrees_with_keras(shipped_model, real_pixels):
    agreement = verify(shipped_model, real_pixels)

    assert agreement.pictures == len(real_pixels) + len(probes())
    assert agreement.difference < 1e-5


def test_a_graph_that_passes_the_examiner_but_not_keras_is_refused(
    shipped_model, real_pixels, tmp_path
):
    """Its golden examples are the graph's own answers, and its digest is that of the weights."""
    copy = shutil.copy(shipped_model, tmp_path / "model.h5")
    with h5py.File(copy, "r+") as opened:
        opened["model_weights"].visititems(_nudge)
    with open_hdf5(shipped_model.read_bytes()) as opened:
        parts = read_parts(opened)
    add_parts(copy, parts.facts, parts.golden, parts.graph)

    with pytest.raises(ModelRefused, match="and Keras disagree by"):
        verify(copy, real_pixels)


def _nudge(_, item):
    if isinstance(item, h5py.Dataset):
        item[...] = item[...] + 0.01
