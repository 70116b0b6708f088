"""Pictures of every colour mode to grey or to red, green and blue."""

from typing import Final, Literal

import numpy as np
import numpy.typing as npt
from PIL import Image

from service.errors import UnreadableImage
from service.fashion_mnist import Pixels

_WHITE: Final = 255


def flatten(image: Image.Image, mode: Literal["L", "RGB"]) -> Image.Image:
    """Bring a picture of any colour mode to grey or to colour, alpha on white.

    Grey by ITU-R 601; 8-bit grey stays as it is, bit for bit, and 16-bit grey is divided by 257.

    Raises:
        UnreadableImage: its numbers have no meaning as grey.
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
    """Bring 16-bit grey to 8 bits: 65535 becomes 255, and what lies between is rounded."""
    values: npt.NDArray[np.generic] = np.asarray(image)
    if values.dtype.kind == "f" or values.min() < 0 or values.max() > 65_535:
        raise UnreadableImage(
            f"The picture's numbers ({image.mode}, {values.dtype}) are not grey of 16 bits or "
            "fewer, and which of them is white is not known."
        )
    grey = ((values.astype(np.uint32) + 128) // 257).astype(np.uint8)
    if "transparency" in image.info:
        grey[values == image.info["transparency"]] = _WHITE
    return grey


def _on_white(image: Image.Image, mode: Literal["L", "RGB"]) -> Image.Image:
    paper = Image.new(mode, image.size, "white")
    paper.paste(image.convert(mode), mask=image.getchannel("A"))
    return paper
