"""Synthetic pictures of none of the ten classes: noise, blank pictures, text and digits.

A classifier names one of its classes for these too, often with high confidence. The
out-of-distribution score is fitted and measured with them.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from string import ascii_letters, digits
from typing import Final

import matplotlib
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage

from service.fashion_mnist import SIDE, Pixels
from service.images.photograph.to_28x28 import take_photograph
from training.predict import four_views

Random = np.random.Generator
Size = tuple[int, int]

PHOTOGRAPH: Final[Size] = (300, 400)
"""Width and height of a drawn photograph: upright, as most photographs of clothes are."""

EXACT: Final[Size] = (SIDE, SIDE)

BLURS: Final = (0, 1, 2, 4)
"""Standard deviations of the blur of noise, in pixels of a picture of 28×28."""

FONTS: Final = tuple(
    sorted((Path(matplotlib.get_data_path()) / "fonts/ttf").glob("DejaVu*[!y].ttf"))
)


def draw_pictures(count: int, seed: int, size: Size) -> Mapping[str, list[Image.Image]]:
    """Return `count` grey pictures of each kind; the same for the same seed.

    Writing of `EXACT` size is light on black as in the data set; larger writing may be either.
    """
    random = np.random.default_rng(seed)
    return {name: [draw(size, random) for _ in range(count)] for name, draw in KINDS.items()}


def draw_photographed(count: int, seed: int) -> Mapping[str, Pixels]:
    """Return drawn photographs of each kind as the service's views, uint8[count, 4, 28, 28]."""
    drawn = draw_pictures(count, seed, PHOTOGRAPH)
    return {
        name: np.stack([four_views(take_photograph(one).views) for one in images])
        for name, images in drawn.items()
    }


def draw_exact(count: int, seed: int) -> Mapping[str, Pixels]:
    """Return pictures of each kind in the data set's size, uint8[count, 28, 28]."""
    drawn = draw_pictures(count, seed, EXACT)
    return {name: np.stack([np.asarray(one) for one in images]) for name, images in drawn.items()}


def _noise(size: Size, random: Random) -> Image.Image:
    """Draw noise over the full range of greys, fine or blurred."""
    values = random.random(size[::-1])
    blur = random.choice(BLURS) * max(size) / SIDE
    values = ndimage.gaussian_filter(values, blur) if blur else values
    return _image((values - values.min()) / np.ptp(values) * 255)


def _blank(size: Size, random: Random) -> Image.Image:
    """Draw one shade of grey with sensor noise."""
    return _image(random.integers(0, 256) + random.normal(0, 2, size[::-1]))


def _text(size: Size, random: Random) -> Image.Image:
    """Draw lines of random letters all over the picture."""
    font = _font(random, max(size) / random.uniform(2.5, 6))
    words = ["".join(random.choice(list(ascii_letters), 12)) for _ in range(12)]
    return _write(size, random, lambda pen: pen.multiline_text((1, 0), "\n".join(words), 255, font))


def _digits(size: Size, random: Random) -> Image.Image:
    """Draw one large digit in the middle, slightly rotated."""
    middle, font = (size[0] / 2, size[1] / 2), _font(random, min(size) * random.uniform(0.7, 1))
    digit = random.choice(list(digits))
    drawn = _write(size, random, lambda pen: pen.text(middle, digit, 255, font, anchor="mm"))
    return drawn.rotate(random.uniform(-15, 15), fillcolor=drawn.getpixel((0, 0)))


def _write(size: Size, random: Random, write: Callable[[ImageDraw.ImageDraw], None]) -> Image.Image:
    """Return writing, light on dark; half of the photographs are dark on light."""
    page = Image.new("L", size)
    pen = ImageDraw.Draw(page)
    pen.fontmode = "L"
    write(pen)
    ink = np.asarray(page, np.float32)
    shown = _image(ink / max(1, ink.max()) * 255)
    inverted = size != EXACT and random.random() < 0.5
    return Image.eval(shown, lambda value: 255 - value) if inverted else shown


def _font(random: Random, size: float) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FONTS[random.integers(len(FONTS))], size)


def _image(values: npt.NDArray[np.floating]) -> Image.Image:
    return Image.fromarray(np.clip(np.rint(values), 0, 255).astype(np.uint8))


KINDS: Final[Mapping[str, Callable[[Size, Random], Image.Image]]] = {
    "noise": _noise,
    "blank": _blank,
    "text": _text,
    "digits": _digits,
}
"""The functions that draw, by the name of the kind."""
