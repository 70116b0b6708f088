import numpy as np
import pytest
from PIL import Image, ImageDraw

from training.photographs.duplicates import fingerprint, group


@pytest.fixture
def scene():
    """A grey picture of blocks in random places."""

    def draw(seed):
        places = np.random.default_rng(seed).integers(0, 160, (12, 2))
        image = Image.new("L", (200, 200), 128)
        for shade, (x, y) in enumerate(places):
            ImageDraw.Draw(image).rectangle((x, y, x + 60, y + 60), fill=20 * shade)
        return image

    return draw


def test_a_scene_in_another_size_and_light_is_a_near_duplicate(scene):
    first = scene(1)
    second = first.resize((90, 90)).point(lambda value: value * 0.8)
    prints = [fingerprint(np.asarray(one)) for one in (first, second, scene(2))]

    groups = group(prints)

    assert groups[0] == groups[1] != groups[2]


def test_a_chain_of_near_duplicates_is_one_group():
    first = np.zeros(64, bool)
    second, third = first.copy(), first.copy()
    second[:6], third[:12] = True, True

    assert len(set(group([first, second, third]))) == 1
