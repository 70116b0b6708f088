"""A photograph to 28×28 pixels, as Fashion-MNIST made its own pictures from photographs.

The data set's way (Xiao, Rasul, Vollgraf, arXiv:1708.07747, section 2): trim the background, make
the longest edge 28 pixels, extend the shortest to 28, centred, negate, grey of 8 bits. Here the
background may be any; the sharpening is left out, because it won nothing on photographs.
"""

from math import ceil
from typing import Final

import numpy as np
from PIL import Image
from PIL.Image import Resampling

from service.fashion_mnist import SIDE, Pixels
from service.images.colour import Colour, Mask, Numbers, grey_of
from service.images.files.decode import to_colour
from service.images.photograph.border import looks_like_the_data_set
from service.images.photograph.foreground import foregrounds
from service.images.photograph.warnings import inspect_photograph
from service.images.picture import Box, Picture, mirrored_views

DARKEST: Final = 60
CONTRAST: Final = 0.75
"""White cloth becomes 60, black cloth 251: the same for every garment, whatever its own range."""

COVERED: Final = 0.5
"""Share of a pixel from which on it belongs to the garment."""

ROUNDING: Final = 1e-6
"""What a product of two whole numbers and their quotient may miss a whole number by."""


def take_photograph(image: Image.Image) -> Picture:
    """Make of an opened picture what the model sees; width, height and crop are upright pixels.

    Raises:
        RequestRefused: as `to_colour` says.
    """
    mode = image.mode
    colour, width, height = to_colour(image)
    mask, *others = foregrounds(colour)
    crop = _enlarged(box_of(mask), width / colour.shape[1], height / colour.shape[0])
    warnings = inspect_photograph(colour, mask, max(crop.right - crop.left, crop.bottom - crop.top))
    drawn = np.stack([draw(colour, one) for one in (mask, *others)])
    return Picture(drawn[0], width, height, mode, "photo", crop, warnings, mirrored_views(drawn))


def draw(colour: Colour, mask: Mask) -> Pixels:
    """Draw the garment as the model knows garments: light on black, 28 pixels long, centred.

    Takes uint8[height, width, 3] and bool[height, width]; an empty mask stands for the whole
    picture. Returns uint8[28, 28]: the background is 0, the garment of a photograph 60 to 251.
    """
    left, top, right, bottom = box_of(mask)
    kept = mask[top:bottom, left:right] if mask.any() else np.ones_like(mask)
    tone = tone_of(colour)[top:bottom, left:right]
    return _centred(_shrunk(tone, kept))


def box_of(mask: Mask) -> Box:
    """Return the box around the garment: left, top, right, bottom; of an empty mask, all of it."""
    if not mask.any():
        return Box(0, 0, mask.shape[1], mask.shape[0])
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return Box(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)


def tone_of(colour: Colour) -> Numbers:
    """Return grey of a photograph as the model knows it, float32[height, width].

    Grey by ITU-R 601, negated, in a fixed scale: a white shirt is darker than a black one, as in
    the data set. A picture that looks like one of the data set's own, enlarged, is so already.
    """
    grey = grey_of(colour)
    if looks_like_the_data_set(colour):
        return grey
    return DARKEST + CONTRAST * (255 - grey)


def _shrunk(tone: Numbers, mask: Mask) -> Pixels:
    """Make the longest edge 28 pixels; the background beside the garment does not bleed into it."""
    height, width = mask.shape
    scale = SIDE / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    share = _resized(mask.astype(np.float32), size)
    inked = _resized(np.where(mask, tone, np.float32(0)), size)
    covered = share > min(COVERED, float(share.max()) / 2)  # a thin strap covers no pixel by half
    ink = np.divide(inked, share, out=np.zeros_like(inked), where=covered)
    return np.where(covered, np.clip(np.rint(ink), 0, 255), 0).astype(np.uint8)


def _resized(values: Numbers, size: tuple[int, int]) -> Numbers:
    return np.asarray(Image.fromarray(values).resize(size, Resampling.BOX))


def _centred(pixels: Pixels) -> Pixels:
    """Lay a picture on the middle of 28×28 black pixels; of two middles, on the data set's own."""
    height, width = pixels.shape
    top, left = (SIDE - height + 1) // 2, (SIDE - width + 1) // 2
    canvas = np.zeros((SIDE, SIDE), np.uint8)
    canvas[top : top + height, left : left + width] = pixels
    return canvas


def _enlarged(box: Box, across: float, down: float) -> Box:
    """Bring a box in a reduced picture to the pixels of the original, rounded outwards."""
    return Box(
        int(box.left * across),
        int(box.top * down),
        ceil(box.right * across - ROUNDING),
        ceil(box.bottom * down - ROUNDING),
    )
