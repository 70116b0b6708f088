"""A photograph to 28×28 pixels, prepared as Fashion-MNIST prepared its own.

Its makers trimmed the background, scaled the longest edge to 28 pixels, centred the garment,
negated, and converted to 8-bit grey (Xiao, Rasul, Vollgraf, arXiv:1708.07747, section 2). Here any
background will do. Their sharpening is left out, because it gained nothing on photographs.
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
"""White cloth becomes 60 and black cloth 251, whatever the range of the garment itself."""

COVERED: Final = 0.5
"""A pixel belongs to the garment if more than this share of it is covered."""

ROUNDING: Final = 1e-6
"""Tolerance for floating-point error before rounding up."""


def take_photograph(image: Image.Image) -> Picture:
    """Return an opened photograph as the model sees it.

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
    """Return the garment as the model knows it, uint8[28, 28]: light on black, centred.

    Takes uint8[height, width, 3] and its mask bool[height, width]; an empty mask means the whole
    picture. The background becomes 0, a photograph's garment 60 to 251.
    """
    left, top, right, bottom = box_of(mask)
    kept = mask[top:bottom, left:right] if mask.any() else np.ones_like(mask)
    tone = tone_of(colour)[top:bottom, left:right]
    return _centred(_shrunk(tone, kept))


def box_of(mask: Mask) -> Box:
    """Return the box around a mask, or around the whole picture if the mask is empty."""
    if not mask.any():
        return Box(0, 0, mask.shape[1], mask.shape[0])
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return Box(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)


def tone_of(colour: Colour) -> Numbers:
    """Return a photograph in the model's grey, float32[height, width].

    It is ITU-R 601 grey, negated, on a fixed scale: as in the data set, a white shirt is darker
    than a black one. An enlarged picture of the data set already is, so its grey stays.
    """
    grey = grey_of(colour)
    if looks_like_the_data_set(colour):
        return grey
    return DARKEST + CONTRAST * (255 - grey)


def _shrunk(tone: Numbers, mask: Mask) -> Pixels:
    """Scale the longest edge to 28 pixels, without mixing background into the garment's edge."""
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
    """Centre a picture on 28×28 black pixels; an odd pixel goes where the data set puts it."""
    height, width = pixels.shape
    top, left = (SIDE - height + 1) // 2, (SIDE - width + 1) // 2
    canvas = np.zeros((SIDE, SIDE), np.uint8)
    canvas[top : top + height, left : left + width] = pixels
    return canvas


def _enlarged(box: Box, across: float, down: float) -> Box:
    """Scale a box from the reduced picture to the original, rounded outwards."""
    return Box(
        int(box.left * across),
        int(box.top * down),
        ceil(box.right * across - ROUNDING),
        ceil(box.bottom * down - ROUNDING),
    )
