"""What the first bytes of a file say: which picture format it is, if it is taken, and its size."""

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
"""Where a header keeps width and height."""

_BRANDS: Final = (
    ("AVIF", frozenset({b"avif", b"avis"})),
    ("HEIC", frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"})),
    ("HEIF", frozenset({b"mif1", b"msf1", b"mif2"})),
)
"""The brands of the formats that share one container; the general ones of HEIF come last."""

_LONGEST_BRANDS: Final = 256
"""Bytes of a brand list that are looked at: real ones have fewer than ten brands, of four each."""


def picture_format(data: bytes) -> str:
    """Tell the format of a file from its first bytes alone; names and content types do not count.

    Returns "PNG", "JPEG", "BMP", "GIF", "WebP" or "TIFF". A phone's JPEG that holds two pictures
    (MPO) is a JPEG.

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
    """Read width and height in the first bytes, where it has a fixed place; 0×0 where it has none.

    Later would be too late for GIF and WebP, whose readers make room for it on opening.
    """
    if name == "WebP":
        return _webp_canvas(data)
    place = _SIZES.get(name)
    width, height = place[0].unpack_from(data, place[1]) if place else (0, 0)
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
    """Name the picture format of an ISO media file (`ftyp`), if it is a known one."""
    if data[4:8] != b"ftyp":
        return None
    end = min(int.from_bytes(data[:4], "big"), _LONGEST_BRANDS)
    brands = {data[at : at + 4] for at in (8, *range(16, end, 4))}
    return next((name for name, known in _BRANDS if known & brands), None)


def _unsupported(name: str | None) -> UnsupportedMediaType:
    if name:
        return UnsupportedMediaType(
            f"The picture is {name}, which is not read here. "
            "Save or convert it as JPEG or PNG and send that."
        )
    return UnsupportedMediaType(
        "The first bytes are not those of a picture that is read here, whatever its name says. "
        "Send a PNG, JPEG, BMP, GIF, WebP or TIFF file."
    )
