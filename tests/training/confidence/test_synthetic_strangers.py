import numpy as np
import pytest

from training.confidence.synthetic_strangers import (
    EXACT,
    KINDS,
    PHOTOGRAPH,
    draw_exact,
    draw_pictures,
)


@pytest.mark.parametrize("size", [EXACT, PHOTOGRAPH])
def test_the_same_seed_draws_the_same_pictures(size):
    first, again, other = (draw_pictures(2, seed, size) for seed in (1, 1, 2))

    for kind in KINDS:
        assert first[kind][0].size == size
        assert [one.tobytes() for one in first[kind]] == [one.tobytes() for one in again[kind]]
        assert first[kind][0].tobytes() != other[kind][0].tobytes()


def test_no_two_of_a_kind_are_alike():
    for pixels in draw_exact(50, seed=1).values():
        assert (pixels.dtype, pixels.shape) == (np.uint8, (50, 28, 28))
        assert len({one.tobytes() for one in pixels}) == 50


def test_digits_and_text_are_light_on_black_as_in_the_data_set():
    drawn = draw_exact(50, seed=1)

    for kind in ("text", "digits"):
        assert np.median(drawn[kind]) == 0
        assert drawn[kind].max(axis=(1, 2)).min() > 200


def test_half_of_the_photographs_of_text_are_dark_on_light():
    pages = [np.asarray(one) for one in draw_pictures(40, 1, PHOTOGRAPH)["text"]]

    assert 10 < sum(np.median(page) > 127 for page in pages) < 30
