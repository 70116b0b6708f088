"""A picture file to what the model sees. The service and training both read pictures here."""

from typing import Final, Literal

from service.errors import WrongSize
from service.fashion_mnist import SIDE, Pixels
from service.images.files.decode import open_image, to_grey
from service.images.files.fast_png import is_plain, read_plain
from service.images.photograph.to_28x28 import take_photograph
from service.images.photograph.warnings import LOOKS_INVERTED
from service.images.picture import Picture, PictureWarning

FitMode = Literal["auto", "exact", "photo"]
"""`exact` accepts only pictures of 28×28 pixels and changes none; `photo` treats every picture as a
photograph; `auto` is `exact` for 28×28 pixels and `photo` for every other size."""

EXACT: Final = (SIDE, SIDE)

LARGE: Final = 64 * 1024
"""Bytes. A larger file of 28×28 pixels is mostly metadata, which Pillow may read for a second."""

_CORNERS: Final = (0, SIDE - 1, SIDE * (SIDE - 1), SIDE * SIDE - 1)
"""The corners of a picture of 28×28 pixels, counted row by row."""


def read_picture(data: bytes, fit: FitMode, *, max_pixels: int) -> Picture:
    """Return the picture in a file as the model sees it.

    Raises:
        WrongSize: `fit` is `exact`, and the picture has another size. Nothing was decoded.
        RequestRefused: as `open_image`, `to_grey` and `to_colour` say.
    """
    if fit != "photo" and (pixels := read_plain(data)) is not None:
        return _exact(pixels, "L")
    image = open_image(data, max_pixels=max_pixels)
    if fit == "photo" or (fit == "auto" and image.size != EXACT):
        return take_photograph(image)
    if image.size != EXACT:
        raise WrongSize(image.width, image.height)
    return _exact(to_grey(image), image.mode)


def is_quick(data: bytes, fit: FitMode, *, max_pixels: int) -> bool:
    """Return whether `read_picture` takes well under 50 ms: an event loop can wait for that.

    Large files and photographs are not quick.

    Raises:
        RequestRefused: as `open_image` says.
    """
    if fit == "photo" or len(data) > LARGE:
        return False
    return is_plain(data) or open_image(data, max_pixels=max_pixels).size == EXACT


def inspect(pixels: Pixels) -> tuple[PictureWarning, ...]:
    """Return the warnings for an exact picture, uint8[28, 28]: at most `looks-inverted`.

    It looks inverted if the median of its four corners is above 127. This is true for none of
    Fashion-MNIST's 70,000 pictures; a mean of all pixels above 127 is true for one in eighteen.
    """
    corners = sorted(map(pixels.item, _CORNERS))
    return (LOOKS_INVERTED,) if corners[1] + corners[2] > 2 * 127 else ()


def _exact(pixels: Pixels, mode: str) -> Picture:
    return Picture(pixels, *EXACT, mode, "exact", None, inspect(pixels), pixels[None])
