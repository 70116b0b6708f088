"""A picture that already has the size of Fashion-MNIST, taken as it is."""

from PIL import Image

from service.errors import WrongSize
from service.fashion import SIDE, Pixels
from service.images.decode import to_grey


def fit_exact(image: Image.Image) -> Pixels:
    """Decode a picture of 28×28 pixels to grey, uint8[28, 28]; 8-bit grey stays bit for bit.

    Raises:
        WrongSize: it has another size; nothing has been decoded then.
        UnreadableImage: the pixels cannot be decoded.
    """
    if image.size != (SIDE, SIDE):
        raise WrongSize(
            f"The picture is {image.width}×{image.height} pixels, and fit=exact takes only "
            f"{SIDE}×{SIDE}. Send a picture of {SIDE}×{SIDE} pixels."
        )
    return to_grey(image)
