"""Photographs reduced while they are decoded: `to_colour` for every kind of file."""

import numpy as np
import pytest
from PIL import Image

from service.errors import UnreadableImage
from service.images.files.decode import LONGEST, open_image, to_colour
from tests.hostile.files import encode, orientation

LIMIT = 40_000_000

ramp = np.add.outer(np.arange(300) * 0.4, np.arange(200) * 0.6)
GREY = ramp.astype(np.uint8)
COLOUR = np.dstack([GREY, GREY[::-1], 255 - GREY[:, ::-1] // 2])


def reduce(data, **options):
    return to_colour(open_image(data, max_pixels=LIMIT), **options)


def enlarged(pixels, times):
    return Image.fromarray(np.kron(pixels, np.ones((times, times, 1), np.uint8)))


def distance(one, other):
    return np.abs(one.astype(float) - other).mean()


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF"])
def test_a_small_picture_keeps_its_pixels(kind):
    reduced = reduce(encode(Image.fromarray(COLOUR), kind))
    assert reduced.colour.dtype == np.uint8
    assert np.array_equal(reduced.colour, COLOUR)
    assert reduced[1:] == (200, 300)


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "GIF", "JPEG", "WEBP"])
def test_a_large_picture_is_reduced_and_reports_its_original_size(kind):
    colour, width, height = reduce(encode(enlarged(COLOUR, 9), kind))
    assert (width, height) == (1800, 2700)
    assert colour.shape == (LONGEST, round(LONGEST * 2 / 3), 3)
    wanted = np.asarray(Image.fromarray(COLOUR).resize(colour.shape[1::-1]))
    assert distance(colour, wanted) < 6


@pytest.mark.parametrize("size", [(401, 3), (3, 5000), (1, 1), (10_000, 1)])
def test_an_odd_shape_keeps_at_least_one_pixel_each_way(size):
    for kind in ("PNG", "JPEG"):
        colour, width, height = reduce(encode(Image.new("RGB", size, "red"), kind))
        assert (width, height) == size
        assert min(colour.shape) >= 1
        assert max(colour.shape[:2]) <= LONGEST
        assert distance(colour, (255, 0, 0)) < 2


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize("number", range(1, 9))
def test_a_large_picture_is_turned_upright_as_a_small_one(kind, number):
    exif = orientation(number)
    pixels = np.zeros((30, 20, 3), np.uint8)
    pixels[:10, :5] = 250
    small = reduce(encode(enlarged(pixels, 10), kind, exif=exif))
    large = reduce(encode(enlarged(pixels, 50), kind, exif=exif))
    assert small.colour.shape[:2] == (small.height, small.width)
    assert (large.width, large.height) == (small.width * 5, small.height * 5)
    again = np.asarray(Image.fromarray(large.colour).resize((small.width, small.height)))
    assert distance(again, small.colour) < 6


def pictures_of_every_mode():
    """Return a picture in each colour mode, and its expected colours."""
    image = Image.fromarray(COLOUR)
    alpha = np.full((300, 200), 128, np.uint8)
    pale = COLOUR * (128 / 255) + 255 * (1 - 128 / 255)
    return {
        "L": (image.convert("L"), np.asarray(image.convert("L"))[..., None]),
        "1": (Image.fromarray(GREY > 100), (GREY > 100)[..., None] * 255),
        "P": (image.quantize(), COLOUR),
        "RGBA": (Image.fromarray(np.dstack([COLOUR, alpha])), pale),
        "CMYK": (image.convert("CMYK"), COLOUR),
        "YCbCr": (image.convert("YCbCr"), COLOUR),
        "I;16": (Image.fromarray(GREY.astype(np.uint16) * 257), GREY[..., None]),
        "I": (Image.fromarray(GREY.astype(np.int32) * 257), GREY[..., None]),
    }


PICTURES = pictures_of_every_mode()


@pytest.mark.parametrize("times", [1, 10])
@pytest.mark.parametrize("mode", PICTURES)
def test_every_colour_mode_becomes_rgb(mode, times):
    image, wanted = PICTURES[mode]
    large = image.resize((200 * times, 300 * times), Image.Resampling.NEAREST)
    colour = reduce(encode(large, "TIFF"), longest=300).colour
    assert colour.shape == (300, 200, 3)
    assert distance(colour, wanted) < 10


def test_transparency_is_laid_on_white_before_reduction():
    pixels = np.zeros((1000, 1000, 4), np.uint8)  # black where it is transparent
    pixels[250:750, 250:750] = (200, 0, 0, 255)
    colour = reduce(encode(Image.fromarray(pixels), "PNG")).colour
    assert (colour[0, 0] == 255).all()
    assert colour[200, 200].tolist() == [200, 0, 0]
    assert colour[..., 0].min() >= 200


def test_a_reduced_photograph_is_not_shifted():
    pixels = np.full((3000, 4000, 3), 255, np.uint8)
    pixels[600:1200, 2000:3000] = 0
    for kind in ("JPEG", "PNG"):
        rows, columns = np.nonzero(
            reduce(encode(Image.fromarray(pixels), kind)).colour[..., 0] < 99
        )
        assert (rows.min(), rows.max() + 1) == (60, 120)
        assert (columns.min(), columns.max() + 1) == (200, 300)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_truncated_large_picture_is_refused_with_its_format(kind):
    noise = np.random.default_rng(1).integers(0, 256, (900, 900, 3), np.uint8)
    data = encode(Image.fromarray(noise), kind)
    with pytest.raises(UnreadableImage, match=rf"(?i){kind} file cannot be decoded"):
        reduce(data[: len(data) // 2])


def test_values_that_are_not_grey_are_refused():
    image = Image.fromarray(np.full((900, 900), 0.5, np.float32))
    with pytest.raises(UnreadableImage, match="not grey of up to 16 bits"):
        reduce(encode(image, "TIFF"))
