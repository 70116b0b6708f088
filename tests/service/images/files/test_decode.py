import io

import numpy as np
import pytest
from PIL import Image

from service.errors import UnreadableImage
from service.images.files.decode import open_image, to_grey
from tests.hostile.files import COLOUR, GREY, encode, orientation

LIMIT = 1_000_000
LOSSY = 12

ALPHA = (255 - GREY[:, ::-1]).astype(np.uint8)
CORNER = np.zeros((28, 28), np.uint8)
CORNER[:7, :14] = 250


def decode(data):
    return to_grey(open_image(data, max_pixels=LIMIT))


def luma(pixels):
    """Grey as it is, and colour by ITU-R 601, computed apart from Pillow."""
    return pixels if pixels.ndim == 2 else pixels.astype(float) @ np.array([0.299, 0.587, 0.114])


def on_white(grey, alpha):
    return grey * (alpha / 255) + 255 * (1 - alpha / 255)


def distance(one, other):
    return np.abs(one.astype(float) - other).max()


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        *((kind, {}) for kind in ("PNG", "BMP", "GIF", "TIFF")),
        *(("TIFF", {"compression": f"tiff_{one}"}) for one in ("lzw", "adobe_deflate")),
        ("TIFF", {"compression": "packbits"}),
    ],
)
def test_8_bit_grey_stays_bit_for_bit(kind, options):
    noise = np.random.default_rng(1).integers(0, 256, (28, 28), np.uint8)
    grey = decode(encode(Image.fromarray(noise), kind, **options))
    assert grey.dtype == np.uint8
    assert np.array_equal(grey, noise)


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "WEBP"])
def test_colour_becomes_grey_by_the_601_weights(kind):
    data = encode(Image.fromarray(COLOUR), kind, lossless=True)
    assert distance(decode(data), luma(COLOUR)) < 1


@pytest.mark.parametrize(
    ("kind", "options"),
    [("JPEG", {"quality": 95}), ("JPEG", {"progressive": True}), ("WEBP", {"quality": 95})],
)
@pytest.mark.parametrize("pixels", [GREY, COLOUR], ids=["grey", "colour"])
def test_lossy_formats_come_close(kind, options, pixels):
    found = decode(encode(Image.fromarray(pixels), kind, **options))
    assert distance(found, luma(pixels)) < LOSSY


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "GIF"])
def test_black_and_white_become_0_and_255(kind):
    bits = GREY > 100
    assert np.array_equal(decode(encode(Image.fromarray(bits), kind)), bits * 255)


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "GIF"])
def test_a_palette_is_looked_up(kind):
    colours = np.array([[200, 10, 10], [10, 200, 10], [10, 10, 200], [90, 120, 30]], np.uint8)
    indices = (GREY // 64).astype(np.uint8)
    image = Image.frombytes("P", (28, 28), indices.tobytes())
    image.putpalette(colours.tobytes())
    assert distance(decode(encode(image, kind)), luma(colours[indices])) < 1


@pytest.mark.parametrize(
    ("pixels", "kind", "most"),
    [
        *((GREY, kind, 1) for kind in ("PNG", "TIFF")),
        *((COLOUR, kind, 1.5) for kind in ("PNG", "TIFF", "WEBP")),
    ],
)
def test_alpha_is_laid_on_white(pixels, kind, most):
    image = Image.fromarray(np.dstack([pixels, ALPHA]))
    found = decode(encode(image, kind, lossless=True, exact=True))
    assert distance(found, on_white(luma(pixels), ALPHA)) < most


def test_a_palette_with_alpha_is_laid_on_white():
    image = Image.merge("PA", (Image.fromarray(GREY).convert("P"), Image.fromarray(ALPHA)))
    assert distance(decode(encode(image, "TIFF")), on_white(GREY, ALPHA)) < 1.5


@pytest.mark.parametrize("mode", ["La", "RGBa"])
def test_premultiplied_alpha_is_laid_on_white(mode):
    pixels = np.dstack([GREY, ALPHA] if mode == "La" else [GREY, GREY, GREY, ALPHA])
    image = Image.fromarray(pixels).convert(mode)
    assert distance(to_grey(image), on_white(GREY, ALPHA)) < 3


@pytest.mark.parametrize(
    ("kind", "transparency", "alphas"),
    [
        ("PNG", 1, [255, 0, 255, 255]),
        ("GIF", 1, [255, 0, 255, 255]),
        ("PNG", bytes([0, 100, 200, 255]), [0, 100, 200, 255]),
    ],
)
def test_transparent_palette_entries_are_laid_on_white(kind, transparency, alphas):
    image = Image.fromarray(GREY // 64, "L")
    image.putpalette([0, 0, 0, 50, 50, 50, 100, 100, 100, 150, 150, 150])
    wanted = on_white(np.array([0, 50, 100, 150]), np.array(alphas))[GREY // 64]
    assert distance(decode(encode(image, kind, transparency=transparency)), wanted) < 1


@pytest.mark.parametrize(
    ("pixels", "transparency", "where"),
    [
        (GREY, 64, GREY == 64),
        (GREY > 100, 0, GREY <= 100),
        (COLOUR, tuple(COLOUR[3, 4].tolist()), np.equal(COLOUR, COLOUR[3, 4]).all(axis=2)),
        (GREY.astype(np.uint16) * 257, 64 * 257, GREY == 64),
    ],
    ids=["grey", "bits", "colour", "16 bits"],
)
def test_a_transparent_colour_becomes_white_and_the_rest_stays(pixels, transparency, where):
    plain = decode(encode(Image.fromarray(pixels), "PNG"))
    assert where.any()
    grey = decode(encode(Image.fromarray(pixels), "PNG", transparency=transparency))
    assert np.array_equal(grey, np.where(where, 255, plain))


@pytest.mark.parametrize("kind", ["GIF", "PNG", "TIFF"])
def test_the_first_of_several_pictures_is_read(kind):
    frames = [Image.fromarray(GREY), Image.fromarray(255 - GREY)]
    data = encode(frames[0], kind, save_all=True, append_images=frames[1:])
    assert np.array_equal(decode(data), GREY)


def test_a_phones_jpeg_of_two_pictures_is_a_jpeg():
    frames = [Image.fromarray(COLOUR), Image.fromarray(255 - COLOUR)]
    data = encode(frames[0], "MPO", save_all=True, append_images=frames[1:])
    assert Image.open(io.BytesIO(data)).format == "MPO"
    assert open_image(data, max_pixels=LIMIT).format == "JPEG"
    assert distance(decode(data), luma(COLOUR)) < LOSSY


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("number", range(1, 9))
def test_the_picture_is_turned_upright(kind, number):
    upright = {
        1: CORNER,
        2: CORNER[:, ::-1],
        3: CORNER[::-1, ::-1],
        4: CORNER[::-1],
        5: CORNER.T,
        6: np.rot90(CORNER, -1),
        7: CORNER[::-1, ::-1].T,
        8: np.rot90(CORNER),
    }
    data = encode(Image.fromarray(CORNER), kind, exif=orientation(number))
    assert np.abs(decode(data).astype(int) - upright[number]).mean() < 5


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_a_16_bit_picture_that_is_not_square_is_turned_upright(kind):
    wide = np.arange(6, dtype=np.uint16).reshape(2, 3) * 257
    data = encode(Image.fromarray(wide), kind, exif=orientation(6))
    assert decode(data).tolist() == [[3, 0], [4, 1], [5, 2]]


def test_damaged_notes_do_not_spoil_the_picture():
    for exif in (b"Exif\0\0no directory", b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + bytes(30)):
        data = encode(Image.fromarray(GREY), "PNG", exif=exif)
        assert np.array_equal(decode(data), GREY)


@pytest.mark.parametrize(
    ("mode", "dtype", "kind"),
    [
        ("I;16", "<u2", "PNG"),
        ("I;16", "<u2", "TIFF"),
        ("I;16B", ">u2", "TIFF"),
        ("I", "i4", "TIFF"),
    ],
)
def test_16_bit_grey_is_scaled_and_rounded_and_never_clipped(mode, dtype, kind):
    values = np.linspace(0, 65_535, 28 * 28).round().astype(dtype).reshape(28, 28)
    image = Image.frombytes(mode, (28, 28), values.tobytes())
    assert np.array_equal(decode(encode(image, kind)), np.round(values / 257))


@pytest.mark.parametrize("values", [np.int32([[65_536]]), np.int32([[-1]]), np.float32([[0.5]])])
def test_numbers_that_are_not_16_bit_grey_are_refused(values):
    with pytest.raises(UnreadableImage, match="not grey of up to 16 bits"):
        decode(encode(Image.fromarray(values), "TIFF"))


@pytest.mark.parametrize(
    ("mode", "kind", "most"),
    [("CMYK", "TIFF", 1), ("CMYK", "JPEG", LOSSY), ("YCbCr", "TIFF", 3), ("LAB", "TIFF", 10)],
)
def test_other_colour_spaces_become_grey(mode, kind, most):
    data = encode(Image.fromarray(COLOUR).convert(mode), kind)
    assert open_image(data, max_pixels=LIMIT).mode == mode
    assert distance(decode(data), luma(COLOUR)) < most
