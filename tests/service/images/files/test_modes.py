import numpy as np
import pytest
from PIL import Image

from service.images.files.modes import flatten

COLOUR = np.random.default_rng(1).integers(0, 256, (5, 4, 3), np.uint8)
MODES = ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "I;16")


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("wanted", ["L", "RGB"])
def test_a_picture_of_any_mode_becomes_grey_or_colour(mode, wanted):
    image = Image.fromarray(COLOUR).convert("L" if mode == "I;16" else "RGB").convert(mode)
    assert flatten(image, wanted).mode == wanted
    assert flatten(image, wanted).size == (4, 5)


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_a_picture_in_the_wanted_mode_is_returned_as_it_is(mode):
    image = Image.fromarray(COLOUR).convert(mode)
    assert flatten(image, mode) is image


def test_grey_equals_the_grey_of_the_rgb_picture():
    for mode in ("RGB", "RGBA", "CMYK", "P"):
        image = Image.fromarray(COLOUR).convert(mode)
        again = flatten(image, "RGB").convert("L")
        assert np.abs(np.asarray(flatten(image, "L")).astype(int) - np.asarray(again)).max() <= 1
