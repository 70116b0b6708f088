"""The commonest picture, an 8-bit grey PNG of 28×28 pixels, read without Pillow's way through it.

Pillow's own decoder unpacks the pixels here too; what is left out is its general reading of the
file and a new image for each, most of the time that such a picture takes. Whatever is not exactly
this kind of file, or not sound, is left to the general way, which decides and words the refusal.
"""

import zlib
from threading import local
from typing import Final

import numpy as np
from PIL import Image

from service.fashion_mnist import SIDE, Pixels

_HEAD: Final = bytes.fromhex(
    "89504e470d0a1a0a 0000000d49484452 0000001c0000001c 0800000000 57668048"
)
"""Signature and header chunk: 28×28, 8-bit grey, not interlaced, with the chunk's checksum."""

_LENGTH: Final = slice(33, 37)
_KIND: Final = slice(37, 41)
_DATA: Final = 41
_WHITE: Final = zlib.compress((b"\0" + b"\xff" * SIDE) * SIDE)
_END: Final = bytes.fromhex("00000000 49454e44 ae426082")


def read_plain(data: bytes) -> Pixels | None:
    """Return uint8[28, 28], or None for any other kind of file."""
    if not data.startswith(_HEAD) or not data.endswith(_END) or data[_KIND] != b"IDAT":
        return None
    end = _DATA + int.from_bytes(data[_LENGTH])
    if len(data) != end + 4 + len(_END):
        return None
    if zlib.crc32(memoryview(data)[_KIND.start : end]) != int.from_bytes(data[end : end + 4]):
        return None
    return _canvas.unpack(data[_DATA:end])


class _Canvas(local):
    """An image whose memory is an array's, to decode into again and again; one for each thread."""

    shares: bool | None = None

    def unpack(self, packed: bytes) -> Pixels | None:
        """Return the pixels that compressed rows hold, or None if they are not sound."""
        if self.shares is None:
            self._open()
        if not self.shares:
            return None
        self._pixels.fill(0)  # Pillow takes missing rows for black, and leaves them as they were
        try:
            self._image.frombytes(packed, "zip", ("L", 0))
        except ValueError:
            return None
        return self._pixels.copy()

    def _open(self) -> None:
        """Make the image, and see that what is decoded into it arrives in the array.

        Pillow says so of both halves. Should it ever copy first, all pictures would be one.
        """
        memory = self._pixels = np.zeros((SIDE, SIDE), np.uint8)
        self._image = Image.frombuffer("L", memory.shape, memory, "raw", "L", 0, 1)
        self._image.frombytes(_WHITE, "zip", ("L", 0))
        self.shares = bool(memory.all())


_canvas: Final = _Canvas()
