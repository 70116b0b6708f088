"""Bytes of a picture file to pixels: bounded, and never an error but ours on hostile bytes."""

import re
import warnings
from typing import Final, NamedTuple

import numpy as np
from PIL import Image
from PIL.ExifTags import Base
from PIL.Image import Resampling, Transpose

from service.errors import FashionError, TooManyPixels, UnreadableImage
from service.fashion_mnist import Pixels
from service.images.colour import Colour
from service.images.files.bounded_pillow import read_header
from service.images.files.modes import flatten
from service.images.files.signature import picture_format

_NOTES: Final = ("exif", "xmp", "XML:com.adobe.xmp", "Raw profile type exif")
"""Where Pillow finds the orientation; the common picture has none of them."""

_TURNS: Final = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}
"""What puts a picture upright, by its EXIF orientation."""

_SIDEWAYS: Final = {
    Transpose.TRANSPOSE,
    Transpose.ROTATE_270,
    Transpose.TRANSVERSE,
    Transpose.ROTATE_90,
}

LONGEST: Final = 400
"""Pixels of the longest edge of a photograph in colour: fourteen for each one that is left."""

_THINNED: Final = 4
"""How many times as long an edge may be after rows and columns were left out: what is left is
averaged, at least four pixels to one in each direction, so that no fine pattern turns coarse."""


class Reduced(NamedTuple):
    """A photograph made small, and the width and height that it came with, both upright."""

    colour: Colour
    width: int
    height: int


_FROM_PILLOW: Final = r"PIL\."
_SILENCE: Final = ("ignore", None, Warning, re.compile(_FROM_PILLOW), 0)
"""The filter as `warnings` keeps it, so that it can be looked up before it is made once more."""


def open_image(data: bytes, *, max_pixels: int) -> Image.Image:
    """Read the header of a picture file; the pixels stay undecoded.

    Returns a Pillow image with its `size`, `mode` and `format`.

    Raises:
        EmptyBody: there are no bytes.
        UnsupportedMediaType: the first bytes are not those of PNG, JPEG, BMP, GIF, WebP or TIFF.
        TooManyPixels: the header claims more than `max_pixels` (at most 178,956,970) pixels.
        UnreadableImage: the header cannot be read.
    """
    name = picture_format(data)
    _silence_pillow()
    try:
        return read_header(data, name, max_pixels=max_pixels)
    except FashionError:
        raise
    except Image.DecompressionBombError as error:
        raise TooManyPixels(f"a {name} frame of more pixels", max_pixels) from error
    except Exception as error:
        raise _unreadable(name) from error


def to_grey(image: Image.Image) -> Pixels:
    """Decode a picture to grey as it is meant to be seen: first frame, upright, alpha on white.

    Returns uint8[height, width], not writeable. Colours become grey by ITU-R 601 (Pillow's "L");
    8-bit grey stays as it is, bit for bit; 16-bit grey is divided by 257 and rounded.

    Raises:
        UnreadableImage: the pixels cannot be decoded, or have no meaning as grey.
    """
    _silence_pillow()
    try:
        image.load()
        return np.asarray(_turned(flatten(image, "L"), _turn(image)))
    except FashionError:
        raise
    except Exception as error:
        raise _unreadable(image.format or "picture") from error


def to_colour(image: Image.Image, *, longest: int = LONGEST) -> Reduced:
    """Decode a picture to colour as `to_grey` sees it, at most `longest` pixels long.

    It is made small before anything else is done with it, a JPEG while it is decoded: one of
    40 megapixels takes the room of its own pixels once, and of nothing else of that size.
    Returns uint8[height, width, 3], not writeable, and the size that the picture came with.

    Raises:
        UnreadableImage: as `to_grey` says.
    """
    _silence_pillow()
    size, name = image.size, image.format or "picture"
    try:
        image.draft(None, _scaled(size, longest))
        image.load()
        turn = _turn(image)
        small = _shrunk(flatten(_thinned(image, longest * _THINNED), "RGB"), longest)
        width, height = size[::-1] if turn in _SIDEWAYS else size
        return Reduced(np.asarray(_turned(small, turn)), width, height)
    except FashionError:
        raise
    except Exception as error:
        raise _unreadable(name) from error


def _scaled(size: tuple[int, int], longest: int) -> tuple[int, int]:
    """Return the size with its longest edge made so long, in proportion."""
    width, height = size
    scale = longest / max(size)
    return max(1, round(width * scale)), max(1, round(height * scale))


def _thinned(image: Image.Image, longest: int) -> Image.Image:
    """Leave out rows and columns of a large picture, which works in every mode without a copy."""
    step = max(image.size) // longest
    if step < 2:
        return image
    size = max(1, image.width // step), max(1, image.height // step)
    return image.resize(size, Resampling.NEAREST)


def _shrunk(image: Image.Image, longest: int) -> Image.Image:
    if max(image.size) <= longest:
        return image
    return image.resize(_scaled(image.size, longest), Resampling.BILINEAR)


def _turn(image: Image.Image) -> Transpose | None:
    """Tell what puts the picture upright by its notes; Pillow has done so itself for a TIFF."""
    if image.info.keys().isdisjoint(_NOTES):
        return None
    try:
        return _TURNS.get(image.getexif().get(Base.Orientation, 1))
    except Exception:  # damaged notes do not spoil the picture: every viewer shows it unturned
        return None


def _turned(image: Image.Image, turn: Transpose | None) -> Image.Image:
    return image if turn is None else image.transpose(turn)


def _silence_pillow() -> None:
    """Keep Pillow's warnings about odd files from being printed or raised, in every thread.

    The filter stays: it is made once, where `warnings.catch_warnings` would change the whole
    process for the length of each call, under the feet of the other threads.
    """
    if _SILENCE not in warnings.filters:
        warnings.filterwarnings("ignore", module=_FROM_PILLOW)


def _unreadable(name: str) -> UnreadableImage:
    return UnreadableImage(
        f"The {name} file cannot be decoded: it is damaged, cut short or of a rare kind."
    )
