"""What training and serving share: the ten classes, and how pixels become the network's input."""

from typing import Final, Literal

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]
"""Grey pictures as Fashion-MNIST stores them: 0 is background, 255 the brightest cloth."""

Rows = npt.NDArray[np.float32]
"""The network's input: float32[n, 784], each value in [0, 1]."""

Fit = Literal["exact", "photo"]
"""How a picture became 28×28 pixels: used unchanged, or cut out of a photograph."""

FITS: Final[tuple[Fit, ...]] = ("exact", "photo")

CLASS_NAMES: Final = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)
"""The class names, by the data set's labels 0 to 9."""

SIDE: Final = 28
"""Width and height of a picture, in pixels."""

ROW: Final = SIDE * SIDE
"""Pixels of a picture."""

MIN_CONFIDENCE: Final = 0.4
"""The default of FASHION_MIN_CONFIDENCE: below it a prediction is `uncertain`."""

SCALING: Final = "pixel / 255"
"""How `to_rows` scales. A model file states its own scaling, and must agree."""


def to_rows(pixels: Pixels) -> Rows:
    """Return float32[n, 784] in [0, 1] for uint8[n, 28, 28], or for one picture uint8[28, 28].

    Pixels are scaled nowhere else, so training and serving cannot differ.

    Raises:
        ValueError: the array is not uint8 or its pictures are not 28×28.
    """
    if pixels.dtype != np.uint8 or pixels.shape[-2:] != (SIDE, SIDE):
        raise ValueError(f"expected uint8[n, 28, 28], got {pixels.dtype}{list(pixels.shape)}")
    return pixels.reshape(-1, ROW).astype(np.float32) / np.float32(255)
