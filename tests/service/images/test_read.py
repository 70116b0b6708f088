import numpy as np
import pytest
from PIL import Image

from service.errors import WrongSize
from service.images.files.decode import open_image
from service.images.photograph.to_28x28 import take_photograph
from service.images.photograph.warnings import LOOKS_INVERTED
from service.images.read import LARGE, is_quick, read_picture
from tests.hostile.files import encode

LIMIT = 40_000_000
OTHER_SIZES = [(1, 1), (28, 27), (27, 28), (29, 28), (56, 56), (784, 1), (5000, 5000)]


def read(data, fit="auto"):
    return read_picture(data, fit, max_pixels=LIMIT)


@pytest.mark.parametrize("fit", ["auto", "exact"])
def test_real_pictures_pass_bit_for_bit(real_pixels, fit):
    for pixels in real_pixels:
        picture = read(encode(Image.fromarray(pixels)), fit)
        assert picture.pixels.dtype == np.uint8
        assert np.array_equal(picture.pixels, pixels)
        assert picture[1:-1] == (28, 28, "L", "exact", None, ())
        assert np.array_equal(picture.views, pixels[None])


@pytest.mark.parametrize("size", OTHER_SIZES)
def test_exact_refuses_any_other_size_with_both_sizes_and_the_other_modes(size):
    words = f"{size[0]}×{size[1]} pixels, .*fit=exact .*28×28.*fit=auto or fit=photo"
    with pytest.raises(WrongSize, match=words):
        read(encode(Image.new("L", size)), "exact")


def test_the_size_is_judged_before_anything_is_decoded():
    data = encode(Image.new("L", (30, 30)), "BMP")
    with pytest.raises(WrongSize):
        read(data[:-1], "exact")


@pytest.mark.parametrize("size", OTHER_SIZES)
def test_the_size_alone_decides_what_is_a_photograph(size):
    picture = read(encode(Image.new("L", size)))
    assert (picture.fit, picture.width, picture.height) == ("photo", *size)


@pytest.mark.parametrize(
    ("fit", "size", "quick"),
    [
        ("auto", (28, 28), True),
        ("auto", (28, 29), False),
        ("exact", (28, 28), True),
        ("photo", (28, 28), False),
    ],
)
@pytest.mark.parametrize("kind", ["PNG", "BMP", "JPEG"])
def test_only_exact_pictures_are_quick(fit, size, quick, kind):
    assert is_quick(encode(Image.new("L", size), kind), fit, max_pixels=LIMIT) is quick


def test_a_large_file_is_not_quick():
    assert not is_quick(encode(Image.new("L", (28, 28))) + bytes(LARGE), "auto", max_pixels=LIMIT)


def test_a_photograph_is_read_as_training_reads_it(real_pixels):
    for pixels in real_pixels[:20]:
        data = encode(Image.fromarray(np.kron(255 - pixels, np.ones((5, 5), np.uint8))), "JPEG")
        one, other = read(data), take_photograph(open_image(data, max_pixels=LIMIT))
        assert np.array_equal(one.views, other.views)
        assert one[1:-1] == other[1:-1]


def test_photo_treats_even_28x28_pixels_as_a_photograph(real_pixels):
    data = encode(Image.fromarray(255 - real_pixels[0]))
    picture = read(data, "photo")
    assert picture.fit == "photo"
    assert LOOKS_INVERTED not in picture.warnings
    assert picture.pixels[0, 0] == 0


def test_an_inverted_picture_of_the_right_size_keeps_its_pixels_and_gets_a_warning(real_pixels):
    inverted = 255 - real_pixels[0]
    picture = read(encode(Image.fromarray(inverted)))
    assert np.array_equal(picture.pixels, inverted)
    assert picture.warnings == (LOOKS_INVERTED,)


def test_a_second_header_in_a_png_does_not_make_a_photograph_quick():
    small, large = encode(Image.new("L", (28, 28))), encode(Image.new("L", (300, 300)))
    assert not is_quick(small[:33] + large[8:], "auto", max_pixels=LIMIT)
