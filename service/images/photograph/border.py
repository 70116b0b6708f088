"""The edge of a photograph, by which its background is known."""

from typing import Final, NamedTuple

import numpy as np

from service.images.colour import Colour, Mask, Numbers, distance_to

RIM: Final = 0.025
"""Share of the longest edge that the border is wide: clothes seldom reach into it."""

NEAR_BLACK: Final = 12
"""Grey of 255 up to which a corner is black: a black table in a photograph is lighter."""

COLOURLESS: Final = 12
"""What red, green and blue of a grey picture may differ by; a JPEG makes some difference."""


class Border(NamedTuple):
    """The median of the border's colours, and how far 95 % of them are from it at most.

    Colours are red, green and blue from 0 to 255; distances are shares of the largest one.
    """

    colour: Numbers
    spread: float


def border_of(colour: Colour, *, rim: float = RIM) -> Border:
    """Look at the border of a picture, uint8[height, width, 3].

    The whole border counts, not a corner as in the making of Fashion-MNIST (Xiao, Rasul, Vollgraf,
    arXiv:1708.07747, section 2): in a corner of a photograph there may be anything.
    """
    edge = colour[rim_of(colour.shape[:2], rim)].astype(np.float32)
    middle = np.median(edge, axis=0).astype(np.float32)
    return Border(middle, float(np.quantile(distance_to(edge, middle), 0.95)))


def rim_of(shape: tuple[int, ...], rim: float = RIM) -> Mask:
    """Return where the border of a picture of height and width is: bool[height, width]."""
    wide = max(1, round(rim * max(shape)))
    where = np.ones(shape, bool)
    where[wide:-wide, wide:-wide] = False
    return where


def looks_like_the_data_set(colour: Colour) -> bool:
    """Tell whether a picture is light clothes on black without any colour, as the data set's own.

    All four corners of those are black, in 99.9 % of them, whereas clothes reach the border.
    """
    wide = max(1, round(RIM * max(colour.shape)))
    corners = colour[:wide], colour[-wide:]
    patches = [part for row in corners for part in (row[:, :wide], row[:, -wide:])]
    if max(float(np.median(patch)) for patch in patches) > NEAR_BLACK:
        return False
    return int((colour.max(axis=2) - colour.min(axis=2)).max()) <= COLOURLESS
