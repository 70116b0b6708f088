"""Fixtures of the training tests: the sample in the repository, and networks trained on it."""

import hashlib
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from training.data.dataset import load
from training.evaluation.photograph_set import read_photographs
from training.fitting.checkpoints import StateFolder
from training.fitting.fit import fit
from training.fitting.split import split_data
from training.options.defaults import configure
from training.options.recipes import RECIPES
from training.photographs.folder import find_photographs

SAMPLE = Path(__file__).parents[1] / "data" / "fashion-mnist-sample"


def has_all_of_the_data():
    pictures = Path(os.environ.get("FASHION_DATA_DIR", "")) / "train-images-idx3-ubyte.gz"
    return pictures.is_file() and pictures.stat().st_size > 20_000_000


collect_ignore = [] if has_all_of_the_data() else ["data/test_official_data.py"]


@pytest.fixture(autouse=True)
def _no_data_from_the_environment(monkeypatch, tmp_path):
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
    """Train on the sample for a few epochs, with the given options."""

    def run(folder, **given):
        config = configure(**{"epochs": 3, "quiet": True, **given})
        return fit(config, split_data(config, data), StateFolder(folder / "model.h5"))

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


def save(path, seed):
    """Draw a garment of random shape and colour, and save it."""
    random = np.random.default_rng(seed)
    image = Image.new("RGB", (120, 120), (200, 190, 180))
    corners = [tuple(point) for point in random.integers(15, 105, (7, 2)).tolist()]
    ImageDraw.Draw(image).polygon(corners, fill=tuple(random.integers(0, 120, 3).tolist()))
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path)


@pytest.fixture(scope="session")
def wardrobe(tmp_path_factory):
    """A folder of eight coats, one of them twice, eight bags, three hats, and a text file."""
    tmp_path = tmp_path_factory.mktemp("photographs")
    for place, (label, count) in enumerate([("coat", 8), ("bag", 8), ("hat", 3)]):
        for number in range(count):
            save(tmp_path / label / f"{number}.png", 100 * place + number)
    save(tmp_path / "coat" / "again.png", 0)
    (tmp_path / "coat" / "notes.txt").write_text("text")
    (tmp_path / "mapping.json").write_text('{"coat": [4], "bag": [8], "hat": []}')
    return tmp_path


@pytest.fixture(scope="session")
def photographs(wardrobe):
    """The photographs of the wardrobe as the model sees them."""
    return read_photographs(find_photographs(wardrobe, wardrobe / "mapping.json"), quiet=True)
