"""A picture as the model sees it, and what it was before."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from service.fashion_mnist import Fit, Pixels


@dataclass(frozen=True)
class PictureWarning:
    """One oddity: a code for programs and a sentence for people."""

    code: str
    sentence: str


class Box(NamedTuple):
    """A part of a picture in its pixels, from the left and the top; right and bottom lie outside.

    The pixels are those of the picture as it came, turned upright.
    """

    left: int
    top: int
    right: int
    bottom: int


class Picture(NamedTuple):
    """uint8[28, 28] as the model sees them; width, height and colour mode as they came.

    Width and height are those of the upright picture. `mode` is Pillow's name, such as L or RGB.
    `fit` says how it was taken; `crop` is what was taken for the garment, in a photograph alone.
    `asked`, uint8[n, 28, 28], is what the model is asked about; its answers become one.
    """

    pixels: Pixels
    width: int
    height: int
    mode: str
    fit: Fit
    crop: Box | None
    warnings: tuple[PictureWarning, ...]
    asked: Pixels


def mirrored_views(cutouts: Pixels) -> Pixels:
    """Return cut-outs uint8[n, 28, 28] of a photograph, and their mirror images: uint8[2n, 28, 28].

    A garment mirrored is the same garment, and several answers together are right more often than
    one: a photograph takes a hundred times as long to read as to answer.
    """
    return np.concatenate([cutouts, cutouts[:, :, ::-1]])
