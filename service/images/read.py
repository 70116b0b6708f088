"""A picture file to what the model sees, by one of three ways."""

from typing import Final, Literal

from PIL import Image

from service.errors import WrongSize
from service.fashion_mnist import SIDE, Pixels
from service.images.files.decode import open_image, to_grey
from service.images.files.fast_png import read_plain
from service.images.photograph.to_28x28 import take_photograph
from service.images.photograph.warnings import LOOKS_INVERTED
from service.images.picture import Picture, PictureWarning

FitMode = Literal["auto", "exact", "photo"]
"""`exact` takes pictures of 28×28 pixels as they are and no others; `photo` takes every picture for
a photograph; `auto` lets the size alone decide between the two."""

EXACT: Final = (SIDE, SIDE)

_CORNERS: Final = (0, SIDE - 1, SIDE * (SIDE - 1), SIDE * SIDE - 1)
"""The corners of a picture of 28×28 pixels, counted row by row."""


def read_picture(data: bytes, fit: FitMode, *, max_pixels: int) -> Picture:
    """Read a picture file the way that was asked for.

    Raises:
        WrongSize: `exact` was asked for, and it has another size; nothing has been decoded then.
        RequestRefused: as `open_image`, `to_grey` and `to_colour` say.
    """
    if (picture := read_at_once(data, fit)) is not None:
        return picture
    return take_picture(open_image(data, max_pixels=max_pixels), fit)


def read_at_once(data: bytes, fit: FitMode) -> Picture | None:
    """Return what a plain picture of the right size is, in 20 µs, or None for any other file."""
    if fit == "photo" or (pixels := read_plain(data)) is None:
        return None
    return Picture(pixels, SIDE, SIDE, "L", "exact", None, inspect(pixels), pixels[None])


def take_picture(image: Image.Image, fit: FitMode) -> Picture:
    """Make of an opened picture what the model sees, as `read_picture` says."""
    if is_photograph(image, fit):
        return take_photograph(image)
    if image.size != EXACT:
        raise WrongSize(image.width, image.height)
    pixels = to_grey(image)
    warnings = inspect(pixels)
    return Picture(pixels, *image.size, image.mode, "exact", None, warnings, pixels[None])


def is_photograph(image: Image.Image, fit: FitMode) -> bool:
    """Tell whether an opened picture goes the way of photographs, which takes some 45 ms."""
    return fit == "photo" or (fit == "auto" and image.size != EXACT)


def inspect(pixels: Pixels) -> tuple[PictureWarning, ...]:
    """Return the warnings for an exact picture, uint8[28, 28]: at most `looks-inverted`.

    It looks inverted if the median of its four corners is above 127. This is true for none of
    Fashion-MNIST's 70,000 pictures; a mean of all pixels above 127 is true for one in eighteen.
    """
    corners = sorted(map(pixels.item, _CORNERS))
    return (LOOKS_INVERTED,) if corners[1] + corners[2] > 2 * 127 else ()
