import numpy as np
import pytest

from training.confidence.synthetic_strangers import KINDS
from training.fitting.split import DRAWN, make_lesson, sources, validation_data
from training.options.defaults import configure
from training.photographs.load import Cut, Extra

SHAPE = (28, 28)


def cut(count, seed):
    """Photographs of chance pixels in two versions, each right for two classes."""
    pixels = np.random.default_rng(seed).integers(0, 256, (count, 2, 28, 28), np.uint8)
    target = np.array([0.3, 0, 1, 0, 0, 0, 0, 0, 0, 0], np.float32)
    views = np.repeat(pixels, 2, axis=1)
    return Cut(pixels, views, np.tile(target, (count, 1)))


@pytest.fixture
def extra():
    return Extra(cut(6, 1), cut(3, 2), cut(4, 3).views, "")


@pytest.fixture
def config(tmp_path):
    return configure(extra_data=tmp_path, extra_share=0.2)


def test_without_photographs_there_is_one_source_of_the_data_set(data, config):
    lesson = make_lesson(config, data, None)
    (source,) = sources(lesson, SHAPE, config)

    assert source.rows.shape == (len(lesson.learning), *SHAPE)
    assert np.array_equal(source.targets.argmax(axis=1), lesson.learning.labels)
    assert list(lesson.known()) == ["exact"]
    assert lesson.sha256 == {}


def test_photographs_are_a_second_source_in_all_their_versions(data, config, extra):
    lesson = make_lesson(config, data, extra)
    _, source = sources(lesson, SHAPE, config)

    assert source.rows.shape == (12, *SHAPE)
    assert source.share == 0.2
    assert lesson.pictures["photographs to train"] == 6
    assert len(lesson.sha256["photographs"]) == 64


def test_photographs_are_judged_by_beside_the_data_set_once_each(data, config, extra):
    lesson = make_lesson(config, data, extra)
    rows, targets = validation_data(lesson, SHAPE)

    assert len(rows) == len(targets) == len(lesson.validation) + 3
    assert np.array_equal(rows[-3:] * 255, extra.validation.plain)


def test_confidence_is_fitted_on_photographs_as_the_service_looks_at_them(data, config, extra):
    known = make_lesson(config, data, extra).known()["photo"]

    assert np.array_equal(known.learned.pixels, extra.learning.views)
    assert known.held_out.allowed[0].nonzero()[0].tolist() == [0, 2]


def test_strangers_are_those_of_the_photographs_and_drawn_ones(data, config, extra):
    strangers = make_lesson(config, data, extra).known()["photo"].strangers

    assert np.array_equal(strangers[:4], extra.strangers)
    assert len(strangers) == 4 + DRAWN * len(KINDS)


def test_photographs_change_nothing_of_how_the_data_set_is_split(data, config, extra):
    without, beside = (make_lesson(config, data, one) for one in (None, extra))

    assert np.array_equal(without.validation.labels, beside.validation.labels)
