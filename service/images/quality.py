"""What is odd about a picture that can be classified all the same."""

from dataclasses import dataclass
from typing import Final

from service.fashion import Pixels


@dataclass(frozen=True)
class Notice:
    """One oddity: a code for programs and a sentence for people."""

    code: str
    sentence: str


LOOKS_INVERTED: Final = Notice(
    "looks-inverted",
    "The corners of the picture are light, as of clothes on a light background; the model knows "
    "light clothes on black. Nothing was changed. If it is so, send the inverted picture.",
)


def inspect(pixels: Pixels) -> tuple[Notice, ...]:
    """Look for oddities in a picture, uint8[28, 28]; it stays as it is.

    Returns what was found, often nothing. `looks-inverted`: the median of the four corners is
    above 127, which is true of none of the 70,000 pictures of Fashion-MNIST, whereas the mean of
    all pixels is in one of eighteen.
    """
    corners = sorted(pixels[:: len(pixels) - 1, :: len(pixels) - 1].ravel().tolist())
    return (LOOKS_INVERTED,) if corners[1] + corners[2] > 2 * 127 else ()
