from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from service.images.photograph.foreground import (
    LIKELY,
    cut_out,
    foreground,
    foregrounds,
    largest_pieces,
    pieces_of,
)
from service.images.photograph.segmenter import segment

CLOTH = (30, 60, 140)


@pytest.fixture
def carpet():
    """A background of brown specks, uint8[320, 240, 3]."""
    noise = np.random.default_rng(1).normal(0, 18, (320, 240, 1))
    return np.clip(np.array([150, 110, 70]) + noise, 0, 255).astype(np.uint8)


@pytest.fixture
def garment():
    """Where a garment with two sleeves is, bool[320, 240]."""
    mask = np.zeros((320, 240), bool)
    mask[60:270, 80:160] = True
    mask[60:120, 40:200] = True
    return mask


def overlap(one, other):
    return (one & other).sum() / (one | other).sum()


def test_a_garment_on_a_plain_background_is_found_to_the_pixel(garment):
    colour = np.where(garment[..., None], CLOTH, (250, 250, 250)).astype(np.uint8)
    (found,) = foregrounds(colour)
    assert np.array_equal(foreground(colour), garment)
    assert np.array_equal(found, garment)


@pytest.mark.parametrize("options", [{}, {"rounds": 2, "rim": 0.05}])
def test_a_garment_on_a_carpet_is_found(carpet, garment, options):
    colour = np.where(garment[..., None], CLOTH, carpet).astype(np.uint8)
    assert overlap(foreground(colour, **options), garment) > 0.95


def test_a_garment_on_a_carpet_is_found_in_two_ways(carpet, garment):
    colour = np.where(garment[..., None], CLOTH, carpet).astype(np.uint8)
    by_shape, by_colours = foregrounds(colour)
    assert overlap(by_shape, garment) > 0.85
    assert np.array_equal(by_colours, foreground(colour))
    assert not np.array_equal(by_shape, by_colours)


@pytest.mark.parametrize("shape", [(1, 400), (5, 5)])
def test_a_way_that_finds_nothing_is_left_out(shape):
    colour = np.random.default_rng(0).integers(0, 256, (*shape, 3), np.uint8)
    by_shape, by_colours = segment(colour) > LIKELY, cut_out(colour)
    assert by_shape.any() != by_colours.any()
    (found,) = foregrounds(colour)
    assert found.any()


def test_a_striped_garment_is_found_whole(carpet, garment):
    colour = np.where(garment[..., None], CLOTH, carpet).astype(np.uint8)
    colour[::24][garment[::24]] = (240, 240, 240)
    assert overlap(foreground(colour), garment) > 0.9


def test_where_grabcut_loses_the_garment_the_middle_is_taken_for_it(carpet, garment):
    rolled = np.roll(carpet, 7, axis=0)  # cloth of the carpet's own colours
    colour = np.where(garment[..., None], rolled, carpet).astype(np.uint8)
    found = cut_out(colour)
    assert found[140:180, 100:140].all()
    assert not found[:6].any()


def test_the_same_picture_gives_the_same_mask_in_every_thread(carpet, garment):
    colour = np.where(garment[..., None], CLOTH, carpet).astype(np.uint8)
    with ThreadPoolExecutor(4) as pool:
        masks = list(pool.map(foreground, [colour] * 4))
    assert all(np.array_equal(mask, foreground(colour)) for mask in masks)


@pytest.mark.parametrize("value", [0, 128, 255])
def test_in_an_empty_picture_nothing_is_found(value):
    mask = foreground(np.full((300, 200, 3), value, np.uint8))
    assert mask.shape == (300, 200)
    assert not mask.any()


@pytest.mark.parametrize(
    "shape", [(1, 1), (2, 2), (3, 3), (4, 9), (5, 5), (1, 400), (400, 3), (28, 28)]
)
def test_no_size_and_no_pixels_make_it_fail(shape):
    random = np.random.default_rng(sum(shape))
    for most in (2, 256):
        colour = random.integers(0, most, (*shape, 3)).astype(np.uint8) * (256 // most)
        for rounds in (1, 4):
            assert foreground(colour, rounds=rounds).shape == shape
            assert cut_out(colour, rounds=rounds).shape == shape
        assert all(mask.shape == shape for mask in foregrounds(colour))


def test_a_picture_that_may_not_be_written_to_is_read(carpet):
    carpet.flags.writeable = False
    foregrounds(carpet)


def test_of_several_pieces_the_large_ones_stay(garment):
    specks = garment.copy()
    specks[0:3, 0:3] = True
    second = garment.copy()
    second[280:310, 20:220] = True
    assert np.array_equal(largest_pieces(specks), garment)
    assert np.array_equal(largest_pieces(second), second)
    assert not largest_pieces(np.zeros((5, 5), bool)).any()


def test_the_size_of_each_piece_is_told(garment):
    garment[0:3, 0:3] = True
    labels, areas = pieces_of(garment)
    assert sorted(areas.tolist()) == [0, 9, garment.sum() - 9]
    assert areas[labels[1, 1]] == 9
