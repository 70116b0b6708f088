"""Pillow's readers of the six formats, held to bounds that Pillow does not keep by itself.

Pillow walks through a file's notes piece by piece in Python, believes a TIFF's tiles and a WebP's
canvas, and checks no checksum of a PNG's pixels. A few megabytes made for it cost a minute and a
gigabyte; the bounds here end that, and no picture that a camera or a program saves comes near them.
"""

import io
import struct
import zlib
from typing import Any, Final

from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import (
    BITSPERSAMPLE,
    PHOTOMETRIC_INTERPRETATION,
    STRIPOFFSETS,
    TILELENGTH,
    TILEOFFSETS,
    TILEWIDTH,
    TiffImageFile,
)
from PIL.WebPImagePlugin import WebPImageFile

from service.errors import TooManyPixels, UnreadableImage
from service.images.files.jpeg_scans import MEANS, check_scans, without_detail
from service.images.files.signature import claimed_size

_SMALL: Final = 64 * 1024
"""Bytes: a file up to here is too small to be in many pieces (50 ms at the worst)."""

_HEADER_READS: Final = 4_096
"""Reads of a header: a thousand pieces, where the fullest camera files have some hundreds."""

_DECODING_READS: Final = 200_000
"""Reads of the pixels, beside four for each pixel: a PNG of 65,536 pieces takes three for each."""

_MOST_PIECES: Final = 65_536
"""Chunks of a PNG, strips or tiles of a TIFF: a row of 20,000 for each of three colours fits."""

_MOST_NOTES: Final = 16
"""Packed notes of a PNG: each may unfold to a megabyte (2 ms), and the fullest files have ten."""

_ROOM_OF_WEBP: Final = 4
"""How many times the room of others its decoder takes for a pixel: 16 bytes."""

_CHUNK: Final = struct.Struct(">I4s")
_CHECKSUM: Final = struct.Struct(">I")

_BLACK_IS_ZERO: Final = 1

_SHALLOW: Final = {"L;2": 85, "L;4": 17}
"""What Pillow multiplies a grey of 2 or 4 bits by to make 8 of them, by its raw mode."""


class _BoundedFile(io.BytesIO):
    """A file in memory that may be read only so many times."""

    reads_left = _HEADER_READS

    def read(self, size: int | None = -1, /) -> bytes:
        self.reads_left -= 1
        if self.reads_left < 0:
            raise _in_pieces()
        return super().read(size)


class _Jpeg(JpegImageFile):
    """A JPEG from which scans that would not show are taken before it is decoded."""

    def draft(self, mode: str | None, size: tuple[int, int] | None) -> Any:
        drafted, file = super().draft(mode, size), self.fp
        if drafted and file and self.decoderconfig[0] == MEANS and "progressive" in self.info:
            finest = tuple(max(layer[way] for layer in self.layer) for way in (1, 2))
            whole = {layer[0] for layer in self.layer if layer[1:3] == finest}
            file.seek(0)
            self.fp = io.BytesIO(without_detail(file.read(), whole))
        return drafted


class _Tiff(TiffImageFile):
    """A TIFF whose tags are looked at before Pillow acts on them."""

    def _setup(self) -> None:
        offsets = self.tag_v2.get(STRIPOFFSETS) or self.tag_v2.get(TILEOFFSETS) or ()
        if len(offsets) > _MOST_PIECES:
            raise _in_pieces()
        super()._setup()
        kind = self.tag_v2.get(PHOTOMETRIC_INTERPRETATION), self.tag_v2.get(BITSPERSAMPLE)
        if self.mode == "I;16" and kind != (_BLACK_IS_ZERO, (16,)):
            raise ValueError("12 bits or white-is-zero, which Pillow reads as 16 and black-is-zero")


_READERS: Final[dict[str, type[ImageFile]]] = {
    "PNG": PngImageFile,
    "JPEG": _Jpeg,  # reads the first picture of an MPO, and nothing of its index
    "BMP": BmpImageFile,
    "GIF": GifImageFile,
    "WebP": WebPImageFile,
    "TIFF": _Tiff,
}
"""The classes themselves: `Image.open` has a pixel limit of its own, which hides the size."""


def read_header(data: bytes, name: str, *, max_pixels: int) -> ImageFile:
    """Open a file of the format `name`; its pixels are not decoded yet.

    Returns the picture as Pillow knows it: size, mode and notes.

    Raises:
        TooManyPixels: the header claims more than `max_pixels` pixels.
        UnreadableImage: the file goes beyond a bound, or a PNG's checksums do not agree with it.
        Exception: whatever else Pillow raises on a damaged file, which is nearly anything.
    """
    if name == "WebP":
        max_pixels //= _ROOM_OF_WEBP
    _check_pixels(claimed_size(data, name), max_pixels)
    if name == "PNG":
        _check_png(data)
    if name == "JPEG":
        check_scans(data)
    file = io.BytesIO(data) if len(data) <= _SMALL else _BoundedFile(data)
    image = _READERS[name](file)
    _check_pixels(image.size, max_pixels)
    if isinstance(image, TiffImageFile):
        _check_pixels(_tile_size(image), max_pixels, part="tile")
    if isinstance(file, _BoundedFile):
        file.reads_left = _DECODING_READS + 4 * image.width * image.height
    if "transparency" in image.info:
        _mend_transparency(image)
    return image


def _check_pixels(size: tuple[int, int], max_pixels: int, part: str = "picture") -> None:
    width, height = size
    if width * height > max_pixels:
        raise TooManyPixels(f"a {part} of {width}×{height} pixels", max_pixels)


def _check_png(data: bytes) -> None:
    """Refuse a PNG that is damaged anywhere or ends early: Pillow would decode what it finds."""
    view, at, profiles, notes = memoryview(data), 8, 0, 0
    for _ in range(_MOST_PIECES):
        length, kind = _CHUNK.unpack_from(data, at)
        end = at + 8 + length
        if zlib.crc32(view[at + 4 : end]) != _CHECKSUM.unpack_from(data, end)[0]:
            raise ValueError(f"wrong checksum in the chunk at byte {at}")
        if kind == b"IEND":
            return
        profiles += kind == b"iCCP"
        notes += kind in (b"zTXt", b"iTXt")
        if profiles > 1 or notes > _MOST_NOTES:  # each may unfold to a megabyte
            break
        at = end + 4
    raise _in_pieces()


def _tile_size(image: TiffImageFile) -> tuple[int, int]:
    """Read the size of a TIFF's tiles, each of which is unpacked whole, however small the picture.

    A picture in strips has 0×0.
    """
    width, height = image.tag_v2.get(TILEWIDTH), image.tag_v2.get(TILELENGTH)
    if isinstance(width, int) and isinstance(height, int):
        return width, height
    return 0, 0


def _mend_transparency(image: ImageFile) -> None:
    """Bring a PNG's transparent colour to the 8 bits that Pillow brings the pixels to."""
    raw_mode, colour = image.tile[0].args, image.info["transparency"]
    if raw_mode in _SHALLOW:
        image.info["transparency"] = colour * _SHALLOW[raw_mode]
    if raw_mode == "RGB;16B":
        image.info["transparency"] = tuple(part >> 8 for part in colour)


def _in_pieces() -> UnreadableImage:
    return UnreadableImage("The picture file is in more pieces than any real picture.")
