"""A picture that already has the size of Fashion-MNIST, taken as it is."""

from service.errors import WrongSize
from service.fashion import SIDE
from service.images.decode import open_image, to_grey
from service.images.picture import Picture
from service.images.plain import read_plain


def read_exact(data: bytes, *, max_pixels: int) -> Picture:
    """Read a picture file of 28×28 pixels as grey; 8-bit grey stays bit for bit.

    Raises:
        WrongSize: it has another size; nothing has been decoded then.
        RequestRefused: as `open_image` and `to_grey` say.
    """
    if (pixels := read_plain(data)) is not None:
        return Picture(pixels, SIDE, SIDE, "L")
    image = open_image(data, max_pixels=max_pixels)
    if image.size != (SIDE, SIDE):
        raise WrongSize(
            f"The picture is {image.width}×{image.height} pixels, and fit=exact takes only "
            f"{SIDE}×{SIDE}. Send a picture of {SIDE}×{SIDE} pixels."
        )
    return Picture(to_grey(image), image.width, image.height, image.mode)
