import numpy as np
import pytest

from training.confidence.synthetic_strangers import (
    GENUINE,
    KINDS,
    PHOTOGRAPH,
    draw_strangers,
    genuine_strangers,
)


@pytest.mark.parametrize("size", [GENUINE, PHOTOGRAPH])
def test_the_same_seed_draws_the_same_strangers(size):
    first, again, other = (draw_strangers(2, seed, size) for seed in (1, 1, 2))

    for kind in KINDS:
        assert first[kind][0].size == size
        assert [one.tobytes() for one in first[kind]] == [one.tobytes() for one in again[kind]]
        assert first[kind][0].tobytes() != other[kind][0].tobytes()


def test_no_two_of_a_kind_are_alike():
    for pixels in genuine_strangers(50, seed=1).values():
        assert (pixels.dtype, pixels.shape) == (np.uint8, (50, 28, 28))
        assert len({one.tobytes() for one in pixels}) == 50


def test_digits_and_text_are_light_on_black_as_the_data_set_is():
    drawn = genuine_strangers(50, seed=1)

    for kind in ("text", "digits"):
        assert np.median(drawn[kind]) == 0
        assert drawn[kind].max(axis=(1, 2)).min() > 200


def test_a_photograph_of_text_is_dark_on_light_as_often():
    pages = [np.asarray(one) for one in draw_strangers(40, 1, PHOTOGRAPH)["text"]]

    assert 10 < sum(np.median(page) > 127 for page in pages) < 30
