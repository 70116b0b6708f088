import numpy as np
import pytest

from training.segmenter.copy_paste import Scene, make_scenes, paste, vary, without_garment


def scene(cloth, background):
    """A square garment of one colour on a background of another."""
    mask = np.zeros((64, 64), bool)
    mask[16:48, 20:44] = True
    return Scene(np.where(mask[..., None], cloth, background).astype(np.uint8), mask)


@pytest.fixture
def shirt():
    return scene((200, 30, 30), (30, 160, 60))


@pytest.fixture
def random():
    return np.random.default_rng(3)


def test_a_varied_scene_has_the_garment_where_its_mask_says(shirt, random):
    for _ in range(20):
        picture, mask = vary(shirt, random)
        red, green, _ = picture[mask].mean(axis=0)
        assert red > green
        red, green, _ = picture[~mask].mean(axis=0)
        assert green > red


def test_a_pasted_garment_replaces_the_other(shirt, random):
    other = scene((20, 20, 200), (240, 240, 240))
    for _ in range(20):
        picture, mask = paste(shirt, other, random)
        assert 0.02 < mask.mean() < 0.9
        background = picture[~mask].astype(int)
        blue = background[:, 2] > background[:, 0] + 60
        assert blue.mean() < 0.02


def test_some_pasted_garments_have_nearly_the_colour_of_their_background(shirt, random):
    pasted = [paste(shirt, scene((20, 20, 200), (240, 240, 240)), random) for _ in range(60)]
    apart = [np.abs(one[mask].mean(0) - one[~mask].mean(0)).mean() for one, mask in pasted]

    assert min(apart) < 15 < 60 < max(apart)


def test_a_covered_garment_cannot_be_seen(shirt, random):
    picture = without_garment(shirt, random)

    assert (picture == (30, 160, 60)).all()
    assert not np.array_equal(shirt.picture, picture)


def test_a_garment_that_fills_its_picture_cannot_be_covered(random):
    full = Scene(np.full((64, 64, 3), 90, np.uint8), np.ones((64, 64), bool))

    assert np.array_equal(without_garment(full, random), full.picture)


def test_each_garment_is_used_in_every_way(shirt):
    known = [shirt, scene((10, 10, 10), (250, 250, 250))]

    pictures, masks = make_scenes(known, ways=3, seed=1)
    again, _ = make_scenes(known, ways=3, seed=1)

    assert pictures.shape == (6, 64, 64, 3)
    assert masks.shape == (6, 64, 64, 1)
    assert set(np.unique(masks)) == {0, 1}
    assert np.array_equal(pictures, again)
