"""A picture as the model sees it, and facts about the original."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from service.fashion_mnist import Fit, Pixels


@dataclass(frozen=True)
class PictureWarning:
    """A code for programs and a sentence for people."""

    code: str
    sentence: str


class Box(NamedTuple):
    """A box in pixels of the upright original; `right` and `bottom` are exclusive."""

    left: int
    top: int
    right: int
    bottom: int


class Picture(NamedTuple):
    """A picture as the model sees it: `pixels`, uint8[28, 28].

    `width` and `height` are those of the upright original, `mode` is Pillow's name for its colour
    mode, for example L or RGB. `fit` says how it was read. `crop` is the garment's box, None for
    an exact picture. `views`, uint8[n, 28, 28], go to the model, whose answers are pooled.
    """

    pixels: Pixels
    width: int
    height: int
    mode: str
    fit: Fit
    crop: Box | None
    warnings: tuple[PictureWarning, ...]
    views: Pixels


def mirrored_views(cutouts: Pixels) -> Pixels:
    """Return cut-outs uint8[n, 28, 28] and their mirror images: uint8[2n, 28, 28].

    This is test-time augmentation: a mirrored garment is the same garment, and pooled answers are
    right more often. A photograph takes a hundred times longer to read than to classify.
    """
    return np.concatenate([cutouts, cutouts[:, :, ::-1]])
