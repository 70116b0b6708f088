"""Every colour mode of Pillow to grey or RGB."""

from typing import Final, Literal

import numpy as np
import numpy.typing as npt
from PIL import Image

from service.errors import UnreadableImage
from service.fashion_mnist import Pixels

_WHITE: Final = 255


def flatten(image: Image.Image, mode: Literal["L", "RGB"]) -> Image.Image:
    """Return a picture of any colour mode in grey or RGB, with transparency on white.

    Colours become grey by ITU-R 601. 8-bit grey keeps its exact values, 16-bit grey is divided by
    257 and rounded.

    Raises:
        UnreadableImage: it is not clear which of its values is white.
    """
    if image.mode == mode and "transparency" not in image.info:
        return image
    if image.mode == "F" or image.mode.startswith("I"):
        return Image.fromarray(_grey_of_numbers(image)).convert(mode)
    if image.has_transparency_data:
        grey = image.mode in ("1", "L", "LA", "La")
        return _on_white(image.convert("LA" if grey else "RGBA"), mode)
    if image.mode not in ("1", "L", "P", "RGB"):  # CMYK, YCbCr, LAB
        image = image.convert("RGB")
    return image.convert(mode)


def _grey_of_numbers(image: Image.Image) -> Pixels:
    """Scale 16-bit grey to 8 bits, rounded: 65535 becomes 255."""
    values: npt.NDArray[np.generic] = np.asarray(image)
    if values.dtype.kind == "f" or values.min() < 0 or values.max() > 65_535:
        raise UnreadableImage(
            f"The picture's values ({image.mode}, {values.dtype}) are not grey of up to 16 "
            "bits, so it is not clear which of them is white."
        )
    grey = ((values.astype(np.uint32) + 128) // 257).astype(np.uint8)
    if "transparency" in image.info:
        grey[values == image.info["transparency"]] = _WHITE
    return grey


def _on_white(image: Image.Image, mode: Literal["L", "RGB"]) -> Image.Image:
    paper = Image.new(mode, image.size, "white")
    paper.paste(image.convert(mode), mask=image.getchannel("A"))
    return paper
