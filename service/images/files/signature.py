"""Format and size of a picture, by the first bytes of its file."""

import struct
from typing import Final

from service.errors import EmptyBody, UnsupportedMediaType

_MAGIC: Final = (
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"BM", "BMP"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"II+\0", "TIFF"),  # BigTIFF, either byte order
    (b"MM\0+", "TIFF"),
)

_SIZES: Final = {"PNG": (struct.Struct(">II"), 16), "GIF": (struct.Struct("<HH"), 6)}
"""Encoding and offset of width and height in a header."""

_BRANDS: Final = (
    ("AVIF", frozenset({b"avif", b"avis"})),
    ("HEIC", frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"})),
    ("HEIF", frozenset({b"mif1", b"msf1", b"mif2"})),
)
"""Brands of the formats that share one container; HEIF's general brands come last."""

_LONGEST_BRANDS: Final = 256
"""Bytes of a brand list that are read; real lists have fewer than ten brands of four bytes."""


def picture_format(data: bytes) -> str:
    """Return the format of a file by its first bytes; its name and content type do not count.

    The result is "PNG", "JPEG", "BMP", "GIF", "WebP" or "TIFF". A JPEG that holds two pictures
    (MPO, from some phones) is a "JPEG".

    Raises:
        EmptyBody: there are no bytes.
        UnsupportedMediaType: it is none of the six.
    """
    if not data:
        raise EmptyBody
    for magic, name in _MAGIC:
        if data.startswith(magic):
            return name
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "WebP"
    raise _unsupported(_iso_media(data))


def claimed_size(data: bytes, name: str) -> tuple[int, int]:
    """Return width and height if they have a fixed place in the header, else (0, 0).

    Readers of GIF and WebP allocate memory for them when they open a file: a check after that
    would be too late.
    """
    if name == "WebP":
        return _webp_canvas(data)
    found = _SIZES.get(name)
    width, height = found[0].unpack_from(data, found[1]) if found else (0, 0)
    return width, height


def _webp_canvas(data: bytes) -> tuple[int, int]:
    kind = data[12:16]
    if kind == b"VP8X":
        width, height = data[24:27], data[27:30]
        return int.from_bytes(width, "little") + 1, int.from_bytes(height, "little") + 1
    if kind == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    wide, high = struct.unpack_from("<HH", data, 26)
    return wide & 0x3FFF, high & 0x3FFF


def _iso_media(data: bytes) -> str | None:
    """Return the picture format of an ISO media file (`ftyp`), or None if it is not a known one."""
    if data[4:8] != b"ftyp":
        return None
    end = min(int.from_bytes(data[:4], "big"), _LONGEST_BRANDS)
    brands = {data[at : at + 4] for at in (8, *range(16, end, 4))}
    return next((name for name, known in _BRANDS if known & brands), None)


def _unsupported(name: str | None) -> UnsupportedMediaType:
    if name:
        return UnsupportedMediaType(
            f"The picture is {name}, which is not supported. "
            "Save or convert it as JPEG or PNG and send that."
        )
    return UnsupportedMediaType(
        "The file is not a picture in a supported format, whatever its name says. "
        "Send a PNG, JPEG, BMP, GIF, WebP or TIFF file."
    )
