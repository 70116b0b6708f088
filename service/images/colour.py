"""RGB pixels: their grey, and distances between colours."""

from typing import Final

import numpy as np
import numpy.typing as npt

Colour = npt.NDArray[np.uint8]
"""RGB pictures, uint8[height, width, 3]."""

Mask = npt.NDArray[np.bool_]
"""bool[height, width]: true where the garment is."""

Numbers = npt.NDArray[np.float32]

_LUMA: Final = np.array([0.299, 0.587, 0.114], np.float32)
_LARGEST_SQUARE: Final = 3 * 255**2


def grey_of(colour: Colour) -> Numbers:
    """Return grey by ITU-R 601, float32[height, width] from 0 to 255."""
    grey: Numbers = colour.astype(np.float32) @ _LUMA
    return grey


def distance_to(colour: Colour | Numbers, other: Numbers) -> Numbers:
    """Return the RGB distance of colours [..., 3] to one colour, float32[3].

    Distances are shares of the largest one, between black and white.
    """
    apart = colour.astype(np.float32) - other
    squares: Numbers = np.einsum("...i,...i->...", apart, apart)
    distances: Numbers = np.sqrt(squares / np.float32(_LARGEST_SQUARE))
    return distances
