"""Tests with all of the data; collected if FASHION_DATA_DIR names the official files."""

import os
import re
from pathlib import Path

import numpy as np
import pytest

from service.images.read import read_picture
from training.data.dataset import load
from training.fitting.checkpoints import StateFolder
from training.fitting.fit import fit
from training.fitting.split import split_data
from training.options.defaults import configure

FOLDER = Path(os.environ["FASHION_DATA_DIR"])


@pytest.fixture(scope="module")
def official():
    return load(FOLDER)


@pytest.fixture
def train(official, tmp_path):
    """Train on all of the data; return the metrics."""

    def run(**given):
        config = configure(**given)
        return fit(config, split_data(config, official), StateFolder(tmp_path / "model.h5")).metrics

    return run


def test_the_official_data_are_known(official):
    assert (official.name, len(official.train), len(official.test)) == ("official", 60_000, 10_000)


def test_the_service_takes_every_picture_of_the_test_set_bit_for_bit(official, png):
    for pixels in official.test.pixels:
        picture = read_picture(png(pixels), "auto", max_pixels=40_000_000)
        assert (picture.fit, picture.warnings) == ("exact", ())
        assert np.array_equal(picture.pixels, pixels)


def test_the_textbook_experiment_is_reproduced(train, capsys):
    train(recipe="softmax", optimizer="rmsprop", validation_share=0.8, epochs=5)

    # The textbook reports the figures that Keras shows during training.
    last = capsys.readouterr().err.splitlines()[-1]
    figures = re.search(r"5/5 .* accuracy (\S+); validation \S+, (\S+)", last)
    train_accuracy, validation = map(float, figures.groups())
    assert train_accuracy == pytest.approx(0.838, abs=0.01)
    assert validation == pytest.approx(0.833, abs=0.01)


def test_the_defaults_reproduce_the_model_of_the_speed_comparison(train, dropout):
    accuracy = train(quiet=True)["test"].accuracy

    assert accuracy >= 0.86
    assert accuracy == pytest.approx(dropout.facts.metrics["test"].accuracy, abs=0.005)
