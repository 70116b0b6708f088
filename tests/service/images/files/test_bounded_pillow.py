import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from service.errors import TooManyPixels, UnreadableImage
from service.images.files.decode import open_image, to_grey
from tests.hostile import bombs
from tests.hostile.bombs import chunk
from tests.hostile.files import encode

LIMIT = 40_000_000
MANY = 70_000


def png(rows, before=b"", after=b"", size=(28, 28), **header):
    pixels = zlib.compress(b"".join(b"\0" + bytes(row) for row in rows))
    return bombs.png(*size, before, chunk(b"IDAT", pixels), after, **header)


def tiff(tags, after=b""):
    """A TIFF with the given tags; a value of None stands for the offset of `after`."""
    start = 8 + 2 + 12 * len(tags) + 4
    entries = (
        struct.pack("<HHII", tag, kind, count, start if value is None else value)
        for tag, kind, count, value in tags
    )
    head = b"II*\0" + struct.pack("<IH", 8, len(tags))
    return head + b"".join(entries) + bytes(4) + after


def grey_tiff(pixels, bits, photometric, width=28):
    tags = [
        (256, 4, 1, width),
        (257, 4, 1, pixels.shape[0]),
        (258, 3, 1, bits),
        (259, 3, 1, 1),
        (262, 3, 1, photometric),
        (273, 4, 1, None),
        (278, 4, 1, pixels.shape[0]),
        (279, 4, 1, pixels.nbytes),
    ]
    return tiff(tags, pixels.tobytes())


def deflated(side, tile):
    """The tags of a square 8-bit TIFF in compressed tiles, without the tiles' places."""
    size = [(256, 4, 1, side), (257, 4, 1, side), (258, 3, 1, 8), (259, 3, 1, 8), (262, 3, 1, 1)]
    return [*size, (322, 4, 1, tile), (323, 4, 1, tile)]


def gif(frame, screen=(28, 28)):
    """A GIF of one frame that is disposed of afterwards: Pillow allocates memory for that."""
    palette = bytes([0, 0, 0, 9, 9, 9])
    clearing = b"\x21\xf9\x04\x08\0\0\0\0"
    place = struct.pack("<HHHHB", 0, 0, *frame, 0)
    start = b"GIF89a" + struct.pack("<HHBBB", *screen, 0x80, 0, 0)
    return start + palette + clearing + b"," + place + b"\x02\x02\x44\x01\0;"


def webp_canvas(kind):
    bodies = {
        b"VP8X": bytes(4) + b"\xfe\x3f\0\xfe\x3f\0",
        b"VP8L": b"\x2f" + struct.pack("<I", 0x3FFE | 0x3FFE << 14),
        b"VP8 ": bytes(3) + b"\x9d\x01\x2a" + struct.pack("<HH", 16383, 16383),
    }
    body = bodies[kind]
    return b"RIFF" + struct.pack("<I", 12 + len(body)) + b"WEBP" + kind + bytes(4) + body


def bmp(side):
    return b"BM" + struct.pack("<IHHIIiiHHIIiiII", 0, 0, 0, 54, 40, side, side, 1, 24, *[0] * 6)


def run_length_bmp(codes):
    sizes = struct.pack("<IiiHHIIiiII", 40, 28, 28, 1, 8, 1, len(codes), 1, 1, 256, 0)
    greys = b"".join(bytes([value, value, value, 0]) for value in range(256))
    return b"BM" + struct.pack("<IHHI", 0, 0, 0, 14 + 40 + 1024) + sizes + greys + codes


BLACK = [bytes(28)] * 28


CLAIMS = {
    "png": png(BLACK, size=(100_000, 100_000)),
    "start of a png": b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 100_000, 100_000),
    "bmp": bmp(100_000),
    "tiff": grey_tiff(np.zeros((1, 1), np.uint8), 8, 1, width=10**9),
    "gif": gif(frame=(28, 28), screen=(65_535, 65_535)),
    "gif frame": gif(frame=(10_000, 10_000)),
    "huge gif frame": gif(frame=(65_535, 65_535)),
    "webp canvas": webp_canvas(b"VP8X"),
    "lossless webp": webp_canvas(b"VP8L"),
    "lossy webp": webp_canvas(b"VP8 "),
}


@pytest.mark.parametrize("name", CLAIMS)
def test_a_header_that_claims_too_many_pixels_is_refused_with_the_limit(name):
    limit = "10,000,000" if "webp" in name else "40,000,000"
    with pytest.raises(TooManyPixels, match=rf"{limit} pixels.*FASHION_MAX_PIXELS"):
        open_image(CLAIMS[name], max_pixels=LIMIT)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "BMP", "GIF", "TIFF", "WEBP"])
def test_a_picture_of_one_pixel_more_than_the_limit_is_refused_with_its_size(kind):
    data = encode(Image.new("RGB", (31, 41)), kind)
    times = 4 if kind == "WEBP" else 1  # its decoder needs four times the memory
    assert open_image(data, max_pixels=31 * 41 * times).size == (31, 41)
    with pytest.raises(TooManyPixels, match=r"31×41 pixels; at most 1,270"):
        open_image(data, max_pixels=31 * 41 * times - 1)


@pytest.mark.parametrize("side", [12_000, 20_000])
def test_a_limit_above_pillows_own_is_obeyed(side):
    data = png(BLACK, size=(side, side))
    assert open_image(data, max_pixels=side * side).size == (side, side)


def test_a_small_tiff_with_huge_tiles_is_refused():
    tags = [*deflated(28, tile=30_000), (324, 4, 1, None), (325, 4, 1, 8)]
    with pytest.raises(TooManyPixels, match="tile of 30000×30000"):
        open_image(tiff(tags, zlib.compress(bytes(100))), max_pixels=LIMIT)


def test_a_tiff_in_tiles_is_read():
    pixels = np.arange(64 * 64, dtype=np.uint16).reshape(64, 64).astype(np.uint8)
    tiles = b"".join(
        zlib.compress(np.ascontiguousarray(pixels[y : y + 32, x : x + 32]).tobytes()).ljust(2000)
        for y in (0, 32)
        for x in (0, 32)
    )
    start = 8 + 2 + 12 * 9 + 4
    tags = [*deflated(64, tile=32), (324, 4, 4, start), (325, 4, 4, start + 16)]
    places = struct.pack("<4I", *(start + 32 + 2000 * tile for tile in range(4)))
    data = tiff(tags, places + struct.pack("<4I", *[2000] * 4) + tiles)
    assert np.array_equal(to_grey(open_image(data, max_pixels=LIMIT)), pixels)


def jpeg_segments(note):
    data = encode(Image.new("L", (28, 28)), "JPEG")
    return data[:2] + note * MANY + data[2:]


def gif_extensions(kind):
    data = encode(Image.new("L", (28, 28)), "GIF")
    start = 13 + (3 << (data[10] & 7) + 1 if data[10] & 0x80 else 0)
    return data[:start] + kind + b"\x01a" * MANY + b"\0" + data[start:]


def tiff_strips():
    size = [(256, 4, 1, 28), (257, 4, 1, 28), (258, 3, 1, 8), (262, 3, 1, 1)]
    return tiff([*size, (273, 4, MANY, None), (278, 4, 1, 1)], bytes(4 * MANY))


PROFILE = chunk(b"iCCP", b"x\0\0" + zlib.compress(bytes(1 << 20)))

IN_PIECES = {
    "png texts": png(BLACK, before=chunk(b"prVt", b"") * MANY),
    "png texts after the pixels": png(BLACK, after=chunk(b"prVt", b"") * MANY),
    "png pixels": png(BLACK, before=chunk(b"IDAT", b"") * MANY),
    "png profiles": png(BLACK, before=PROFILE * 2),
    "jpeg comments": jpeg_segments(b"\xff\xfe\0\x02"),
    "jpeg exif": jpeg_segments(b"\xff\xe1\0\x0aExif\0\0ab"),
    "gif extensions": gif_extensions(b"\x21\xff"),
    "gif comments": gif_extensions(b"\x21\xfe"),
    "tiff strips": tiff_strips(),
    "tiff tags": tiff([(1000 + number, 3, 1, 1) for number in range(60_000)]),
    "bmp": run_length_bmp(b"\0\0" * 500_000),
}


@pytest.mark.parametrize("name", IN_PIECES)
def test_a_file_with_countless_pieces_is_refused(name):
    with pytest.raises(UnreadableImage, match="more pieces"):
        to_grey(open_image(IN_PIECES[name], max_pixels=LIMIT))


def test_a_large_file_of_an_ordinary_number_of_pieces_is_read():
    noise = np.random.default_rng(5).integers(0, 256, (400, 400), np.uint8)
    for kind in ("PNG", "BMP", "TIFF", "GIF"):
        data = encode(Image.fromarray(noise), kind)
        assert len(data) > 100_000
        assert np.array_equal(to_grey(open_image(data, max_pixels=LIMIT)), noise)


def test_a_run_length_bmp_is_read():
    row = bytes([14, 200]) + bytes([14, 50]) + b"\0\0"
    grey = to_grey(open_image(run_length_bmp(row * 28 + b"\0\1"), max_pixels=LIMIT))
    assert grey.tolist() == [[200] * 14 + [50] * 14] * 28


@pytest.mark.parametrize("place", range(33, 70))
def test_a_png_with_a_changed_byte_is_refused(place):
    pixels = np.add.outer(np.arange(28), np.arange(28)).astype(np.uint8)
    data = bytearray(encode(Image.fromarray(pixels), "PNG"))
    data[place] ^= 1
    with pytest.raises(UnreadableImage, match="PNG file cannot be decoded"):
        open_image(bytes(data), max_pixels=LIMIT)


@pytest.mark.parametrize(("depth", "step"), [(2, 85), (4, 17)])
def test_a_transparent_grey_of_few_bits_becomes_white(depth, step):
    transparent = chunk(b"tRNS", struct.pack(">H", 1))
    bits = "".join(f"{value:0{depth}b}" for value in (1, 2, 3, 0) * 7)
    row = int(bits, 2).to_bytes(len(bits) // 8, "big")
    data = png([row] * 28, depth=depth, before=transparent)
    grey = to_grey(open_image(data, max_pixels=LIMIT))
    assert grey[0, :4].tolist() == [255, 2 * step, 3 * step, 0]


def test_a_transparent_colour_of_16_bits_becomes_white():
    colours = [(0x1234, 0x5678, 0x9ABC), (0, 0, 0), (0xFFFF, 0xFFFF, 0xFFFF), (0x8080,) * 3]
    row = b"".join(struct.pack(">HHH", *colour) for colour in colours * 7)
    transparent = chunk(b"tRNS", struct.pack(">HHH", *colours[0]))
    data = png([row] * 28, depth=16, colour=2, before=transparent)
    grey = to_grey(open_image(data, max_pixels=LIMIT))
    assert grey[0, :4].tolist() == [255, 0, 255, 128]


def test_a_16_bit_tiff_that_pillow_would_read_wrongly_is_refused():
    pixels = np.full((28, 28), 40_000, np.uint16)
    assert (to_grey(open_image(grey_tiff(pixels, 16, 1), max_pixels=LIMIT)) == 156).all()
    for bits, photometric in ((16, 0), (12, 1)):
        with pytest.raises(UnreadableImage, match="rare kind"):
            open_image(grey_tiff(pixels, bits, photometric), max_pixels=LIMIT)
