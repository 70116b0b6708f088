"""What is odd about a picture that can be classified all the same."""

from typing import Final

import numpy as np

from service.fashion_mnist import SIDE
from service.images.colour import Colour, Mask, Numbers, distance_to, grey_of
from service.images.photograph.border import RIM, border_of, looks_like_the_data_set, rim_of
from service.images.photograph.foreground import pieces_of
from service.images.picture import PictureWarning

LOOKS_INVERTED: Final = PictureWarning(
    "looks-inverted",
    "The corners of the picture are light, as of clothes on a light background; the model knows "
    "light clothes on black. Nothing was changed. If it is so, send the inverted picture.",
)
NO_OBJECT: Final = PictureWarning(
    "no-object",
    "Nothing stands out from the background, so the whole picture was taken as the garment. "
    "Lay it on a background of another colour.",
)
NOT_UNIFORM: Final = PictureWarning(
    "background-not-uniform",
    "The background has many colours or patterns, of which some may have been taken for cloth. "
    "Lay the garment on something of one colour.",
)
SEVERAL_OBJECTS: Final = PictureWarning(
    "several-objects",
    "There is more than one thing in the picture, and all of them were taken as one. "
    "Photograph one garment, or one shoe, alone.",
)
TOUCHES_BORDER: Final = PictureWarning(
    "touches-border",
    "The garment reaches the edge of the picture, so a part of it may be missing. "
    "Step back until there is background all around it.",
)
TOO_DARK: Final = PictureWarning(
    "too-dark", "The photograph is dark. Take it again with more light."
)
LOW_CONTRAST: Final = PictureWarning(
    "low-contrast",
    "The garment has nearly the colour of the background. Lay it on a background that is much "
    "lighter or darker.",
)
WHITE_ON_WHITE: Final = PictureWarning(
    "white-on-white",
    "A light garment lies on a light background, and its outline is hard to find. "
    "Lay it on a dark one.",
)
TINY_OBJECT: Final = PictureWarning(
    "tiny-object", "The garment is only a small part of the picture. Go closer, or cut it out."
)
UPSCALED: Final = PictureWarning(
    "upscaled",
    "The garment has fewer than 28 pixels and was enlarged. Send a larger picture of it.",
)

WARNINGS: Final = (
    LOOKS_INVERTED,
    NO_OBJECT,
    NOT_UNIFORM,
    SEVERAL_OBJECTS,
    TOUCHES_BORDER,
    TOO_DARK,
    LOW_CONTRAST,
    WHITE_ON_WHITE,
    TINY_OBJECT,
    UPSCALED,
)
"""All there are."""

ENOUGH: Final = 128
"""Pixels of the longest edge that are looked at: shares of a picture need no more, and 1 ms."""

BUSY: Final = 0.5
"""Spread of a border, as a share of the largest distance of two colours: of ordinary photographs
of clothes on floors, beds and hangers, one in fourteen has more."""

SECOND: Final = 0.25
"""Size of a second piece, as a share of the largest: a belt or a label beside it is smaller."""

REACHING: Final = 0.25
"""Share of the picture's edge that the garment lies at: a trouser leg that is cut off has less
than half of one of four sides, and a garment that fills the picture has more."""

DARK: Final = 80
"""Grey of 255 under which nine tenths of a dark photograph lie: a quarter of the scale."""

FAINT: Final = 0.06
"""Distance of garment and background in their mean colours, as a share of the largest one: hardly
more than the 0.05 up to which the data set's own makers took a pixel for background."""

LIGHT: Final = 140
"""Mean grey from which on cloth and background are light; white cloth in a room has 170 to 220."""

PALE: Final = 0.12
"""Distance like FAINT between two light colours: shadows alone make half of it."""

TINY: Final = 0.25
"""Longest edge of a garment, as a share of the picture's: under it the picture holds fifteen times
as much background, and a reduced photograph 100 pixels of the garment."""


def inspect_photograph(colour: Colour, mask: Mask, longest: int) -> tuple[PictureWarning, ...]:
    """Look for oddities in a photograph, uint8[height, width, 3], and in the garment found in it.

    `longest` is the longest edge of the garment in pixels of the original. Returns what was found,
    often nothing; of a picture like the data set's own, enlarged, nothing about its background.
    """
    step = max(1, max(mask.shape) // ENOUGH)
    colour, mask = colour[::step, ::step], mask[::step, ::step]
    found = {NO_OBJECT: not mask.any(), UPSCALED: longest < SIDE}
    if not looks_like_the_data_set(colour):
        grey = grey_of(colour)
        found[TOO_DARK] = float(np.quantile(grey, 0.9)) < DARK
        found |= _oddities(colour, grey, mask) if mask.any() else {}
    return tuple(warning for warning in WARNINGS if found.get(warning))


def _oddities(colour: Colour, grey: Numbers, mask: Mask) -> dict[PictureWarning, bool]:
    """Tell for each oddity of a garment on its background whether it is there."""
    return {
        NOT_UNIFORM: border_of(colour).spread > BUSY,
        SEVERAL_OBJECTS: _second_piece(mask) >= SECOND,
        TOUCHES_BORDER: _share_at_edge(mask) > REACHING,
        TINY_OBJECT: _length(mask) < TINY,
        **_faintness(colour, grey, mask),
    }


def _second_piece(mask: Mask) -> float:
    """Return the size of the second largest piece, as a share of the largest."""
    _, areas = pieces_of(mask)
    second, largest = np.sort(areas)[-2:]
    return float(second / largest)


def _share_at_edge(mask: Mask) -> float:
    """Return how much of the picture's edge the garment lies at, just inside the border."""
    edge = rim_of(mask.shape, 2 * RIM) & ~rim_of(mask.shape, RIM)
    return float(np.mean(mask[edge])) if edge.any() else 0.0


def _length(mask: Mask) -> float:
    """Return the garment's longest edge as a share of the picture's."""
    sides = [np.ptp(np.flatnonzero(mask.any(axis=axis))) + 1 for axis in (0, 1)]
    return float(max(sides) / max(mask.shape))


def _faintness(colour: Colour, grey: Numbers, mask: Mask) -> dict[PictureWarning, bool]:
    """Tell whether the garment hardly differs from the rest, and whether both are light."""
    if mask.all():
        return {}
    inside, outside = colour[mask].mean(axis=0), colour[~mask].mean(axis=0)
    apart = float(distance_to(inside, outside.astype(np.float32)))
    light = min(float(grey[mask].mean()), float(grey[~mask].mean())) > LIGHT
    return {WHITE_ON_WHITE: light and apart < PALE, LOW_CONTRAST: not light and apart < FAINT}
