import numpy as np
import pytest

from service.fashion_mnist import CLASS_NAMES
from training.confidence.synthetic_strangers import KINDS
from training.fitting.split import (
    DRAWN,
    calibration_data,
    sources,
    split,
    split_data,
    validation_data,
)
from training.options.config import OptionRefused
from training.options.defaults import configure
from training.photographs.load import PhotographArrays, PhotographSplit

SHAPE = (28, 28)


def test_a_split_keeps_the_share_of_each_class(data):
    train, validation = split(data.train, 0.2, seed=42)

    assert (len(train), len(validation)) == (960, 240)
    assert np.bincount(validation.labels).tolist() == [24] * len(CLASS_NAMES)


def test_a_split_has_every_picture_once(data):
    parts = split(data.train, 0.8, seed=42)

    together = np.concatenate([part.pixels for part in parts]).reshape(1200, -1)
    assert sorted(map(bytes, together)) == sorted(map(bytes, data.train.pixels.reshape(1200, -1)))


def test_a_split_depends_on_the_seed_alone(data):
    first, again, other = (split(data.train, 0.2, seed)[1].pixels for seed in (1, 1, 2))

    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize(("share", "kept"), [(0.001, 1), (0.995, 1194)])
def test_a_split_with_too_few_pictures_on_one_side_is_refused(data, share, kept):
    with pytest.raises(OptionRefused, match=f"keeps {kept} of 1200 pictures aside: at least 10"):
        split(data.train, share, seed=42)


def arrays(count, seed):
    """Photographs of random pixels in two variants, each right for two classes."""
    pixels = np.random.default_rng(seed).integers(0, 256, (count, 2, 28, 28), np.uint8)
    target = np.array([0.3, 0, 1, 0, 0, 0, 0, 0, 0, 0], np.float32)
    return PhotographArrays(pixels, np.repeat(pixels, 2, axis=1), np.tile(target, (count, 1)))


@pytest.fixture
def photographs():
    return PhotographSplit(arrays(6, 1), arrays(3, 2), arrays(4, 3).views, "")


@pytest.fixture
def config(tmp_path):
    return configure(extra_data=tmp_path, extra_share=0.2)


@pytest.fixture
def exact(data, config):
    """The data set alone."""
    return split_data(config, data)


@pytest.fixture
def mixed(data, config, photographs):
    """The data set with photographs."""
    return split_data(config, data, photographs)


def test_without_photographs_the_data_set_is_the_only_source(exact, config, data):
    (source,) = sources(exact, SHAPE, config)

    assert source.rows.shape == (len(exact.train), *SHAPE)
    assert np.array_equal(source.targets.argmax(axis=1), exact.train.labels)
    assert list(calibration_data(exact)) == ["exact"]
    assert exact.sha256 == data.sha256


def test_photographs_are_a_second_source_with_all_their_variants(mixed, config):
    _, source = sources(mixed, SHAPE, config)

    assert source.rows.shape == (12, *SHAPE)
    assert source.share == 0.2
    assert mixed.counts()["photographs to train"] == 6
    assert len(mixed.sha256["photographs"]) == 64


def test_each_photograph_validates_once(mixed, photographs):
    rows, targets = validation_data(mixed, SHAPE)

    assert len(rows) == len(targets) == len(mixed.validation) + 3
    assert np.array_equal(rows[-3:] * 255, photographs.validation.unvaried)


def test_confidence_is_fitted_to_the_views_and_to_drawn_pictures(mixed, photographs):
    calibration = calibration_data(mixed)["photo"]
    unknown = calibration.out_of_distribution

    assert np.array_equal(calibration.trained.pixels, photographs.train.views)
    assert calibration.held_out.allowed[0].nonzero()[0].tolist() == [0, 2]
    assert np.array_equal(unknown[:4], photographs.out_of_distribution)
    assert len(unknown) == 4 + DRAWN * len(KINDS)


def test_photographs_do_not_change_how_the_data_set_is_split(exact, mixed):
    assert np.array_equal(exact.validation.labels, mixed.validation.labels)
