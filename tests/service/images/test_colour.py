import numpy as np
import pytest
from PIL import Image

from service.images.colour import distance_to, grey_of


def test_grey_is_the_one_of_the_decoder():
    colour = np.random.default_rng(1).integers(0, 256, (20, 30, 3), np.uint8)
    assert np.abs(grey_of(colour) - np.asarray(Image.fromarray(colour).convert("L"))).max() < 1


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [((0, 0, 0), (255, 255, 255), 1), ((255, 0, 0), (0, 0, 0), 3**-0.5), ((9, 9, 9), (9, 9, 9), 0)],
)
def test_the_distance_is_a_share_of_that_from_black_to_white(one, other, apart):
    pixels = np.full((2, 3, 3), one, np.uint8)
    found = distance_to(pixels, np.array(other, np.float32))
    assert found.shape == (2, 3)
    assert found == pytest.approx(apart)
