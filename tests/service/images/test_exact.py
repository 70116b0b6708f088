import io

import numpy as np
import pytest
from PIL import Image

from service.errors import UnreadableImage, WrongSize
from service.images.exact import read_exact


def encode(image, kind="PNG", **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def fit(data):
    return read_exact(data, max_pixels=40_000_000).pixels


def test_real_pictures_pass_bit_for_bit(real_pixels):
    for pixels in real_pixels[:200]:
        fitted = fit(encode(Image.fromarray(pixels)))
        assert fitted.dtype == np.uint8
        assert np.array_equal(fitted, pixels)


@pytest.mark.parametrize("size", [(1, 1), (28, 27), (27, 28), (784, 1), (5000, 5000)])
def test_any_other_size_is_refused_with_both_sizes_and_the_mode(size):
    with pytest.raises(WrongSize, match=f"{size[0]}×{size[1]} pixels, .*fit=exact .*28×28"):
        fit(encode(Image.new("L", size)))


def test_the_size_is_judged_before_anything_is_decoded():
    data = encode(Image.new("L", (30, 30)), "BMP")
    with pytest.raises(WrongSize):
        fit(data[:-1])


def test_the_picture_says_what_it_was():
    picture = read_exact(encode(Image.new("RGB", (28, 28))), max_pixels=40_000_000)
    assert picture[1:] == (28, 28, "RGB")
    picture = read_exact(encode(Image.new("L", (28, 28))), max_pixels=40_000_000)
    assert picture[1:] == (28, 28, "L")


def test_a_turned_picture_of_the_right_size_is_taken_upright():
    pixels = np.zeros((28, 28), np.uint8)
    pixels[0] = 200
    exif = Image.Exif()
    exif[0x0112] = 6
    assert (fit(encode(Image.fromarray(pixels), exif=exif))[:, -1] == 200).all()


def test_a_cut_picture_of_the_right_size_is_refused():
    data = encode(Image.new("RGB", (28, 28)), "BMP")
    with pytest.raises(UnreadableImage, match="BMP file"):
        fit(data[:-1])
