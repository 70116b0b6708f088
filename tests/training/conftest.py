"""What the training tests use: the sample in the repository, and networks trained on it."""

import hashlib
import os
from pathlib import Path

import pytest

from training.configure import configure
from training.data import load
from training.fit import fit
from training.recipes import RECIPES
from training.resume import StateFolder

SAMPLE = Path(__file__).parents[1] / "data" / "fashion-mnist-sample"


def has_all_of_the_data():
    pictures = Path(os.environ.get("FASHION_DATA_DIR", "")) / "train-images-idx3-ubyte.gz"
    return pictures.is_file() and pictures.stat().st_size > 20_000_000


collect_ignore = [] if has_all_of_the_data() else ["test_official_data.py"]


@pytest.fixture(autouse=True)
def _no_data_but_what_a_test_names(monkeypatch, tmp_path):
    monkeypatch.delenv("FASHION_DATA_DIR", raising=False)
    monkeypatch.setenv("FASHION_CACHE_DIR", str(tmp_path / "cache"))


@pytest.fixture(scope="session")
def sample():
    """The folder of the sample's four files."""
    return SAMPLE


@pytest.fixture(scope="session")
def data():
    """The sample's pictures."""
    return load(SAMPLE)


@pytest.fixture(scope="session")
def fit_sample(data):
    """Train on the sample for a few epochs; what is given are options."""

    def run(folder, **given):
        config = configure(**{"epochs": 3, "quiet": True, **given})
        return fit(config, data, StateFolder(folder / "model.h5"))

    return run


@pytest.fixture(scope="session", params=list(RECIPES))
def fitted(request, fit_sample, tmp_path_factory):
    """Each recipe in turn, trained on the sample."""
    return fit_sample(tmp_path_factory.mktemp(request.param), recipe=request.param)


@pytest.fixture(scope="session")
def digest():
    """The sha256 over all weights of a Keras model."""

    def compute(model):
        return hashlib.sha256(b"".join(w.tobytes() for w in model.get_weights())).hexdigest()

    return compute
