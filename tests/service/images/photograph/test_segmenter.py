from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from service.images.photograph.segmenter import seen, segment

OUTLINE = [
    *((60, 70), (100, 60), (140, 60), (180, 70), (225, 130), (195, 150)),
    *((172, 120), (172, 270), (68, 270), (68, 120), (45, 150), (15, 130)),
]
"""A T-shirt in a picture of 240×320 pixels."""


def photograph(cloth, floor, specks=0):
    """A T-shirt of one colour with soft folds on a floor, and where it is."""
    random = np.random.default_rng(2)
    shape = Image.new("L", (240, 320), 0)
    ImageDraw.Draw(shape).polygon(OUTLINE, fill=255)
    folds = Image.fromarray(random.integers(0, 255, (10, 8), np.uint8)).resize((240, 320))
    shaded = np.array(cloth) + (np.asarray(folds, np.float32)[..., None] - 128) / 12
    shadow = np.asarray(shape.filter(ImageFilter.GaussianBlur(4)), np.float32)[..., None] / 255
    ground = (np.array(floor) + random.normal(0, specks, (320, 240, 1))) * (1 - 0.2 * shadow)
    share = np.asarray(shape, np.float32)[..., None] / 255
    picture = np.clip(shaded * share + ground * (1 - share), 0, 255).astype(np.uint8)
    return picture, np.asarray(shape) > 127


def overlap(found, wanted):
    return (found & wanted).sum() / (found | wanted).sum()


@pytest.mark.parametrize(
    ("cloth", "floor", "specks", "least"),
    [
        ((40, 60, 140), (170, 130, 90), 18, 0.9),
        ((200, 190, 60), (60, 60, 70), 12, 0.9),
        ((225, 225, 225), (232, 230, 226), 3, 0.8),
    ],
)
def test_a_garment_is_found_on_a_carpet_and_white_on_white(cloth, floor, specks, least):
    picture, garment = photograph(cloth, floor, specks)
    likely = segment(picture)

    assert (likely.shape, likely.dtype) == ((320, 240), np.float32)
    assert 0 <= likely.min() < likely.max() <= 1
    assert overlap(likely > 0.5, garment) > least


@pytest.mark.parametrize("shape", [(1, 1), (2, 3), (1, 400), (400, 3), (28, 28), (64, 64)])
def test_no_size_makes_it_fail(shape):
    picture = np.random.default_rng(1).integers(0, 256, (*shape, 3)).astype(np.uint8)

    assert segment(picture).shape == shape
    assert seen(picture).shape == (64, 64, 3)


def test_the_same_picture_gives_the_same_answer_in_every_thread():
    picture, _ = photograph((90, 120, 70), (140, 120, 100), 10)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(segment, [picture] * 4))

    assert all(np.array_equal(one, segment(picture)) for one in found)
