"""Pillow's readers of the six formats, with bounds that Pillow itself lacks.

Pillow parses metadata piece by piece in Python, trusts a TIFF's tile size and a WebP's canvas, and
ignores the checksums of a PNG's pixels. A malicious file of a few megabytes costs a minute and a
gigabyte. No file that a camera or a program writes comes near the bounds here.
"""

import io
import struct
import zlib
from typing import Final

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
from service.images.files.jpeg_scans import check_scans
from service.images.files.signature import claimed_size

_SMALL: Final = 64 * 1024
"""Bytes. A file up to this size cannot hold many pieces: it takes 50 ms at worst."""

_HEADER_READS: Final = 4_096
"""Reads of a header: enough for a thousand pieces. Real camera files have a few hundred."""

_DECODING_READS: Final = 200_000
"""Reads of the pixels, plus four per pixel. A PNG takes three reads for each of its chunks."""

_MAX_PIECES: Final = 65_536
"""Chunks of a PNG, strips or tiles of a TIFF: 20,000 rows of three separate colours fit."""

_MAX_TEXTS: Final = 16
"""Compressed texts of a PNG: each may unpack to a megabyte in 2 ms. Real files have up to ten."""

_WEBP_FACTOR: Final = 4
"""WebP's decoder takes 16 bytes per pixel, four times as many as the others."""

_CHUNK: Final = struct.Struct(">I4s")
_CHECKSUM: Final = struct.Struct(">I")

_BLACK_IS_ZERO: Final = 1

_SHALLOW: Final = {"L;2": 85, "L;4": 17}
"""Factors by which Pillow scales grey of 2 or 4 bits to 8 bits, by raw mode."""


class _BoundedFile(io.BytesIO):
    """A file in memory with a bound on the number of reads."""

    reads_left = _HEADER_READS

    def read(self, size: int | None = -1, /) -> bytes:
        self.reads_left -= 1
        if self.reads_left < 0:
            raise _in_pieces()
        return super().read(size)


class _Tiff(TiffImageFile):
    """A TIFF whose tags are checked before Pillow acts on them."""

    def _setup(self) -> None:
        offsets = self.tag_v2.get(STRIPOFFSETS) or self.tag_v2.get(TILEOFFSETS) or ()
        if len(offsets) > _MAX_PIECES:
            raise _in_pieces()
        super()._setup()
        kind = self.tag_v2.get(PHOTOMETRIC_INTERPRETATION), self.tag_v2.get(BITSPERSAMPLE)
        if self.mode == "I;16" and kind != (_BLACK_IS_ZERO, (16,)):
            raise ValueError("Pillow would read 12 bits or white-is-zero wrongly")


_READERS: Final[dict[str, type[ImageFile]]] = {
    "PNG": PngImageFile,
    "JPEG": JpegImageFile,  # reads only the first picture of an MPO file
    "BMP": BmpImageFile,
    "GIF": GifImageFile,
    "WebP": WebPImageFile,
    "TIFF": _Tiff,
}
"""The classes themselves: the pixel limit of `Image.open` does not tell the size."""


def read_header(data: bytes, name: str, *, max_pixels: int) -> ImageFile:
    """Return a file of the format `name` as an opened Pillow image; its pixels stay undecoded.

    Raises:
        TooManyPixels: the header claims more than `max_pixels` pixels.
        UnreadableImage: the file exceeds a bound.
        Exception: Pillow raises almost anything on a damaged file.
    """
    if name == "WebP":
        max_pixels //= _WEBP_FACTOR
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
    """Refuse a damaged or truncated PNG: Pillow would decode what is left."""
    view, at, profiles, texts = memoryview(data), 8, 0, 0
    for _ in range(_MAX_PIECES):
        length, kind = _CHUNK.unpack_from(data, at)
        end = at + 8 + length
        if zlib.crc32(view[at + 4 : end]) != _CHECKSUM.unpack_from(data, end)[0]:
            raise ValueError(f"wrong checksum in the chunk at byte {at}")
        if kind == b"IEND":
            return
        profiles += kind == b"iCCP"
        texts += kind in (b"zTXt", b"iTXt")
        if profiles > 1 or texts > _MAX_TEXTS:
            break
        at = end + 4
    raise _in_pieces()


def _tile_size(image: TiffImageFile) -> tuple[int, int]:
    """Return the tile size of a TIFF, (0, 0) if it has strips; a tile is always unpacked whole."""
    width, height = image.tag_v2.get(TILEWIDTH), image.tag_v2.get(TILELENGTH)
    if isinstance(width, int) and isinstance(height, int):
        return width, height
    return 0, 0


def _mend_transparency(image: ImageFile) -> None:
    """Scale a PNG's transparent colour to 8 bits, as Pillow does with its pixels."""
    raw_mode, colour = image.tile[0].args, image.info["transparency"]
    if raw_mode in _SHALLOW:
        image.info["transparency"] = colour * _SHALLOW[raw_mode]
    if raw_mode == "RGB;16B":
        image.info["transparency"] = tuple(part >> 8 for part in colour)


def _in_pieces() -> UnreadableImage:
    return UnreadableImage("The picture file is in more pieces than any real picture.")
