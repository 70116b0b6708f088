import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from service.errors import FashionError
from service.images.files.decode import open_image, to_grey
from service.images.files.fast_png import read_plain
from tests.hostile import bombs
from tests.hostile.bombs import chunk
from tests.hostile.files import encode

GREY, RGB, PALETTE, GREY_ALPHA, RGBA = 0, 2, 3, 4, 6
DEPTHS = {GREY: (1, 2, 4, 8, 16), RGB: (8, 16), PALETTE: (1, 2, 4, 8), GREY_ALPHA: (8, 16)}
CHANNELS = {GREY: 1, RGB: 3, PALETTE: 1, GREY_ALPHA: 2, RGBA: 4}


def png(packed, *, size=(28, 28), before=b"", after=b"", **header):
    """Build a PNG file around compressed rows."""
    return bombs.png(*size, before, chunk(b"IDAT", packed), after, **header)


def rows(pixels, filters):
    """Put a filter's number before each row, without filtering the row."""
    return b"".join(
        bytes([number]) + row.tobytes() for number, row in zip(filters, pixels, strict=True)
    )


def by_pillow(data):
    """Return the pixels that Pillow decodes, or None if the file is refused."""
    try:
        return to_grey(open_image(data, max_pixels=40_000_000))
    except FashionError:
        return None


def assert_agrees(data):
    """Return whether the fast path reads a file; its pixels must then equal Pillow's."""
    fast = read_plain(data)
    if fast is None:
        return False
    assert np.array_equal(fast, by_pillow(data))
    return True


def noise(seed, width=28):
    """Return noise, uint8[28, width]."""
    return np.random.default_rng(seed).integers(0, 256, (28, width), np.uint8)


def test_real_pictures_take_the_fast_path_bit_for_bit(real_pixels):
    for pixels in real_pixels:
        assert np.array_equal(read_plain(encode(Image.fromarray(pixels))), pixels)


@pytest.mark.parametrize("seed", range(30))
def test_every_mix_of_row_filters_is_undone_as_by_pillow(seed):
    filters = np.random.default_rng(seed).integers(0, 5, 28)
    assert assert_agrees(png(zlib.compress(rows(noise(seed), filters), seed % 10)))


@pytest.mark.parametrize("interlaced", [0, 1])
@pytest.mark.parametrize(
    ("colour", "depth"), [(colour, depth) for colour in DEPTHS for depth in DEPTHS[colour]]
)
def test_no_other_kind_of_png_takes_the_fast_path(colour, depth, interlaced):
    packed = zlib.compress(rows(noise(1, 28 * CHANNELS[colour] * depth // 8), [0] * 28))
    palette = chunk(b"PLTE", bytes(768)) if colour == PALETTE else b""
    data = png(packed, depth=depth, colour=colour, interlaced=interlaced, before=palette)
    assert assert_agrees(data) == ((colour, depth, interlaced) == (GREY, 8, 0))


@pytest.mark.parametrize("size", [(27, 28), (28, 27), (56, 14), (1, 784)])
def test_no_other_size_takes_the_fast_path(size):
    assert read_plain(png(zlib.compress(rows(noise(1), [0] * 28)), size=size)) is None


@pytest.mark.parametrize(
    "extra",
    [
        {"before": chunk(b"tRNS", b"\0\7")},
        {"before": chunk(b"gAMA", struct.pack(">I", 45455))},
        {"before": chunk(b"eXIf", b"II*\0\10\0\0\0\0\0")},
        {"after": chunk(b"tEXt", b"a\0b")},
        {"after": chunk(b"IDAT", b"")},
    ],
)
def test_a_png_with_more_in_it_does_not_take_the_fast_path(extra):
    assert read_plain(png(zlib.compress(rows(noise(1), [0] * 28)), **extra)) is None


def test_the_fast_path_never_reads_what_pillow_refuses():
    good = rows(noise(2), [0] * 28)
    packed = zlib.compress(good)
    damaged = [
        png(packed[:-4] + b"\0\0\0\0"),  # a wrong checksum of the pixels
        png(zlib.compress(good[:-29])),  # a row too few
        png(zlib.compress(good + good)),  # rows too many
        png(packed + b"more"),
        png(b""),
        png(zlib.compress(rows(noise(2), [5] + [0] * 27))),  # an unknown filter
        *(png(packed[:end]) for end in range(len(packed))),
    ]
    for data in damaged:
        assert_agrees(data)


def test_the_fast_path_reads_no_damaged_or_truncated_file():
    data = png(zlib.compress(rows(noise(3), [1] * 28)))
    rng = np.random.default_rng(3)
    for _ in range(1000):
        flipped = bytearray(data)
        flipped[rng.integers(len(data))] ^= 1 << rng.integers(8)
        assert read_plain(bytes(flipped)) is None
    for end in range(len(data)):
        assert read_plain(data[:end]) is None
