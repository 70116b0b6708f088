import numpy as np
import pytest

from service.images.quality import LOOKS_INVERTED, inspect


def with_corners(*values):
    pixels = np.full((28, 28), 128, np.uint8)
    pixels[::27, ::27] = np.array(values).reshape(2, 2)
    return pixels


def test_no_real_picture_looks_inverted_and_each_does_when_it_is(real_pixels):
    assert not any(inspect(pixels) for pixels in real_pixels)
    assert all(inspect(255 - pixels) for pixels in real_pixels)


@pytest.mark.parametrize(
    ("corners", "inverted"),
    [
        ((0, 0, 0, 0), False),
        ((254, 254, 0, 0), False),
        ((255, 254, 0, 0), False),
        ((255, 255, 0, 0), True),
        ((0, 127, 127, 255), False),
        ((0, 127, 128, 255), True),
        ((255, 0, 255, 255), True),
        ((255, 255, 255, 255), True),
    ],
)
def test_the_median_of_the_corners_decides(corners, inverted):
    assert bool(inspect(with_corners(*corners))) == inverted


def test_the_notice_has_a_code_and_says_that_nothing_was_changed():
    pixels = with_corners(255, 255, 255, 255)
    before = pixels.copy()
    assert inspect(pixels) == (LOOKS_INVERTED,)
    assert np.array_equal(pixels, before)
    assert LOOKS_INVERTED.code == "looks-inverted"
    assert "Nothing was changed" in LOOKS_INVERTED.sentence
    assert "send the inverted picture" in LOOKS_INVERTED.sentence
