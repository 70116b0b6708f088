"""Warnings about pictures that can be classified, but perhaps wrongly."""

from typing import Final

import numpy as np

from service.fashion_mnist import SIDE
from service.images.colour import Colour, Mask, Numbers, distance_to, grey_of
from service.images.photograph.border import RIM, border_of, looks_like_the_data_set, rim_of
from service.images.photograph.foreground import pieces_of
from service.images.picture import PictureWarning

LOOKS_INVERTED: Final = PictureWarning(
    "looks-inverted",
    "The corners of the picture are light, so it may show clothes on a light background. The "
    "model knows light clothes on black. Nothing was changed; send the inverted picture if this is "
    "right.",
)
NO_OBJECT: Final = PictureWarning(
    "no-object",
    "Nothing stands out from the background, so the whole picture was taken as the garment. "
    "Lay it on a background of another colour.",
)
NOT_UNIFORM: Final = PictureWarning(
    "background-not-uniform",
    "The background has many colours or patterns, and some may have been mistaken for cloth. "
    "Lay the garment on something of one colour.",
)
SEVERAL_OBJECTS: Final = PictureWarning(
    "several-objects",
    "The picture shows several things, and all of them were taken as one garment. "
    "Photograph one garment, or one shoe, alone.",
)
TOUCHES_BORDER: Final = PictureWarning(
    "touches-border",
    "The garment reaches the edge of the picture, so part of it may be missing. "
    "Step back until there is background all around it.",
)
TOO_DARK: Final = PictureWarning(
    "too-dark", "The photograph is dark. Take it again with more light."
)
LOW_CONTRAST: Final = PictureWarning(
    "low-contrast",
    "The garment has almost the colour of the background. Lay it on a much lighter or darker one.",
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
"""All warnings, in the order of an answer."""

CHECKED_SIDE: Final = 128
"""Longest edge in pixels of the reduced picture that is checked, which takes 1 ms."""

BUSY: Final = 0.5
"""Spread of a busy border. One in fourteen ordinary photographs of clothes on floors, beds and
hangers has more."""

SECOND: Final = 0.25
"""Area of a second object as a share of the largest; a belt or a label is smaller."""

REACHING: Final = 0.25
"""Share of the picture's edge that the garment touches. A trouser leg that is cut off touches less
than half of one side, and a garment that fills the picture touches more."""

DARK: Final = 80
"""Grey (of 255) below which nine tenths of a dark photograph lie."""

FAINT: Final = 0.06
"""Distance between the mean colours of garment and background. The data set's makers called pixels
up to 0.05 background."""

LIGHT: Final = 140
"""Mean grey above which cloth and background are light; white cloth in a room has 170 to 220."""

PALE: Final = 0.12
"""As FAINT, between two light colours: shadows alone make half of it."""

TINY: Final = 0.25
"""Longest edge of a garment as a share of the picture's. Below it, a reduced photograph holds less
than 100 pixels of the garment's length, and fifteen times as much background."""


def inspect_photograph(colour: Colour, mask: Mask, longest: int) -> tuple[PictureWarning, ...]:
    """Return the warnings for a photograph uint8[height, width, 3] with this garment mask.

    `longest` is the garment's longest edge in pixels of the original. An enlarged picture of the
    data set gets no warnings about its background.
    """
    step = max(1, max(mask.shape) // CHECKED_SIDE)
    colour, mask = colour[::step, ::step], mask[::step, ::step]
    found = {NO_OBJECT: not mask.any(), UPSCALED: longest < SIDE}
    if not looks_like_the_data_set(colour):
        grey = grey_of(colour)
        found[TOO_DARK] = float(np.quantile(grey, 0.9)) < DARK
        found |= _checks(colour, grey, mask) if mask.any() else {}
    return tuple(warning for warning in WARNINGS if found.get(warning))


def _checks(colour: Colour, grey: Numbers, mask: Mask) -> dict[PictureWarning, bool]:
    """Return which warnings about a garment and its background apply."""
    return {
        NOT_UNIFORM: border_of(colour).spread > BUSY,
        SEVERAL_OBJECTS: _second_piece(mask) >= SECOND,
        TOUCHES_BORDER: _share_at_edge(mask) > REACHING,
        TINY_OBJECT: _length(mask) < TINY,
        **_faintness(colour, grey, mask),
    }


def _second_piece(mask: Mask) -> float:
    """Return the area of the second largest piece as a share of the largest."""
    _, areas = pieces_of(mask)
    second, largest = np.sort(areas)[-2:]
    return float(second / largest)


def _share_at_edge(mask: Mask) -> float:
    """Return the share of the picture's edge, just inside the border, that the garment touches."""
    edge = rim_of(mask.shape, 2 * RIM) & ~rim_of(mask.shape, RIM)
    return float(np.mean(mask[edge])) if edge.any() else 0.0


def _length(mask: Mask) -> float:
    """Return the garment's longest edge as a share of the picture's."""
    sides = [np.ptp(np.flatnonzero(mask.any(axis=axis))) + 1 for axis in (0, 1)]
    return float(max(sides) / max(mask.shape))


def _faintness(colour: Colour, grey: Numbers, mask: Mask) -> dict[PictureWarning, bool]:
    """Return which warnings about too little contrast apply."""
    if mask.all():
        return {}
    inside, outside = colour[mask].mean(axis=0), colour[~mask].mean(axis=0)
    apart = float(distance_to(inside, outside.astype(np.float32)))
    light = min(float(grey[mask].mean()), float(grey[~mask].mean())) > LIGHT
    return {WHITE_ON_WHITE: light and apart < PALE, LOW_CONTRAST: not light and apart < FAINT}
