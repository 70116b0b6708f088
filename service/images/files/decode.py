"""A picture file to pixels, within bounds; hostile bytes raise only our own errors."""

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

_METADATA: Final = ("exif", "xmp", "XML:com.adobe.xmp", "Raw profile type exif")
"""Where Pillow finds the orientation. Most pictures have none of these."""

_TRANSPOSES: Final = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}
"""How to turn a picture upright, by its EXIF orientation."""

_SIDEWAYS: Final = {
    Transpose.TRANSPOSE,
    Transpose.ROTATE_270,
    Transpose.TRANSVERSE,
    Transpose.ROTATE_90,
}

LONGEST: Final = 400
"""Longest edge of a reduced photograph in pixels: fourteen times the model's 28."""

_SUBSAMPLED: Final = 4
"""How many times longer than that an edge may be after rows and columns are dropped. The rest is
averaged, at least four pixels to one in each direction, so fine patterns cause no aliasing."""


class Reduced(NamedTuple):
    """A reduced photograph, and the original's width and height, both upright."""

    colour: Colour
    width: int
    height: int


_FROM_PILLOW: Final = r"PIL\."
_SILENCE: Final = ("ignore", None, Warning, re.compile(_FROM_PILLOW), 0)
"""The filter in the form that `warnings` stores, to check if it is set already."""


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
    """Decode the first frame of a picture to grey, upright, with transparency on white.

    Returns uint8[height, width], not writeable. Colours become grey by ITU-R 601 (Pillow's "L").
    8-bit grey keeps its exact values; 16-bit grey is divided by 257 and rounded.

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
    """Decode a picture to colour as `to_grey` does, with its longest edge at most `longest` pixels.

    A JPEG is reduced while it is decoded, other formats right after it. So a picture of 40
    megapixels is held in memory once. The colours are uint8[height, width, 3], not writeable.

    Raises:
        UnreadableImage: as `to_grey` says.
    """
    _silence_pillow()
    size, name = image.size, image.format or "picture"
    try:
        image.draft(None, _scaled(size, longest))
        image.load()
        turn = _turn(image)
        small = _shrunk(flatten(_subsampled(image, longest * _SUBSAMPLED), "RGB"), longest)
        width, height = size[::-1] if turn in _SIDEWAYS else size
        return Reduced(np.asarray(_turned(small, turn)), width, height)
    except FashionError:
        raise
    except Exception as error:
        raise _unreadable(name) from error


def _scaled(size: tuple[int, int], longest: int) -> tuple[int, int]:
    """Return the size scaled so that its longest edge has this length."""
    width, height = size
    scale = longest / max(size)
    return max(1, round(width * scale)), max(1, round(height * scale))


def _subsampled(image: Image.Image, longest: int) -> Image.Image:
    """Drop rows and columns of a large picture: this works in every mode without a copy."""
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
    """Return how to turn a picture upright by its metadata; Pillow turns a TIFF by itself."""
    if image.info.keys().isdisjoint(_METADATA):
        return None
    try:
        return _TRANSPOSES.get(image.getexif().get(Base.Orientation, 1))
    except Exception:  # every viewer shows a picture with damaged metadata unturned
        return None


def _turned(image: Image.Image, turn: Transpose | None) -> Image.Image:
    return image if turn is None else image.transpose(turn)


def _silence_pillow() -> None:
    """Ignore Pillow's warnings about unusual files, in every thread.

    The filter is set once and stays. `warnings.catch_warnings` would change the filters of all
    other threads during each call.
    """
    if _SILENCE not in warnings.filters:
        warnings.filterwarnings("ignore", module=_FROM_PILLOW)


def _unreadable(name: str) -> UnreadableImage:
    return UnreadableImage(
        f"The {name} file cannot be decoded: it is damaged, cut short or of a rare kind."
    )
