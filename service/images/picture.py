"""A picture as the model sees it, and what it was before."""

from typing import NamedTuple

from service.fashion import Pixels


class Picture(NamedTuple):
    """uint8[28, 28] as the model sees them; width, height and colour mode as they came.

    `mode` is Pillow's name, such as L or RGB.
    """

    pixels: Pixels
    width: int
    height: int
    mode: str
