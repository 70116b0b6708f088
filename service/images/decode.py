"""Bytes of a picture file to grey pixels: bounded, and never an error but ours on hostile bytes."""

import re
import warnings
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image
from PIL.ExifTags import Base
from PIL.Image import Transpose

from service.errors import FashionError, TooManyPixels, UnreadableImage
from service.fashion import Pixels
from service.images.header import picture_format
from service.images.reader import read_header

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

_WHITE: Final = 255

_FROM_PILLOW: Final = r"PIL\."
_SILENCE: Final = ("ignore", None, Warning, re.compile(_FROM_PILLOW), 0)
"""The filter as `warnings` keeps it, so that it can be looked up before it is made once more."""


def open_image(data: bytes, *, max_pixels: int) -> Image.Image:
    """Read the header of a picture file; the pixels stay undecoded until `to_grey`.

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
        raise TooManyPixels(
            f"The {name} file claims a frame of more than {max_pixels:,} pixels, which is all that "
            "is taken (FASHION_MAX_PIXELS). Send a smaller picture."
        ) from error
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
        return np.asarray(_upright(_grey(image), image))
    except FashionError:
        raise
    except Exception as error:
        raise _unreadable(image.format or "picture") from error


def _grey(image: Image.Image) -> Image.Image:
    mode = image.mode
    if mode == "L" and "transparency" not in image.info:
        return image
    if mode == "F" or mode.startswith("I"):
        return Image.fromarray(_grey_of_numbers(image))
    if image.has_transparency_data:
        return _on_white(image.convert("LA" if mode in ("1", "L", "LA", "La") else "RGBA"))
    if mode not in ("1", "P", "RGB"):  # CMYK, YCbCr, LAB
        image = image.convert("RGB")
    return image.convert("L")


def _grey_of_numbers(image: Image.Image) -> Pixels:
    """Bring 16-bit grey to 8 bits: 65535 becomes 255, and what lies between is rounded."""
    values: npt.NDArray[np.generic] = np.asarray(image)
    if values.dtype.kind == "f" or values.min() < 0 or values.max() > 65_535:
        raise UnreadableImage(
            f"The picture's numbers ({image.mode}, {values.dtype}) are not grey of 16 bits or "
            "fewer, and which of them is white is not known. Save it as 8-bit grey or colour."
        )
    grey = ((values.astype(np.uint32) + 128) // 257).astype(np.uint8)
    if "transparency" in image.info:
        grey[values == image.info["transparency"]] = _WHITE
    return grey


def _on_white(image: Image.Image) -> Image.Image:
    paper = Image.new("L", image.size, _WHITE)
    paper.paste(image.convert("L"), mask=image.getchannel("A"))
    return paper


def _upright(grey: Image.Image, source: Image.Image) -> Image.Image:
    """Turn `grey` as the notes of `source` say; Pillow has done so itself for a TIFF."""
    if source.info.keys().isdisjoint(_NOTES):
        return grey
    try:
        turn = _TURNS.get(source.getexif().get(Base.Orientation, 1))
    except Exception:  # damaged notes do not spoil the picture: every viewer shows it unturned
        return grey
    return grey if turn is None else grey.transpose(turn)


def _silence_pillow() -> None:
    """Keep Pillow's warnings about odd files from being printed or raised, in every thread.

    The filter stays: it is made once, where `warnings.catch_warnings` would change the whole
    process for the length of each call, under the feet of the other threads.
    """
    if _SILENCE not in warnings.filters:
        warnings.filterwarnings("ignore", module=_FROM_PILLOW)


def _unreadable(name: str) -> UnreadableImage:
    return UnreadableImage(
        f"The {name} file cannot be decoded: it is damaged, cut short or of a rare kind. "
        "Send the whole file, or save it again as PNG or JPEG and send that."
    )
