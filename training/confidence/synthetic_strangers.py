"""Pictures of none of the ten classes, drawn by chance: noise, blank ones, text and digits.

A classifier names one of its classes for these too, often with certainty; how well a model file
tells them from clothes is measured with them.
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
from training.predict import evened

Random = np.random.Generator
Size = tuple[int, int]

PHOTOGRAPH: Final[Size] = (300, 400)
"""Width and height of what is drawn as a photograph, upright as most photographs of clothes are."""

GENUINE: Final[Size] = (SIDE, SIDE)

SMOOTH: Final = (0, 1, 2, 4)
"""How far noise is smoothed, in pixels of 28: what is drawn larger is smoothed as much more."""

FONTS: Final = tuple(
    sorted((Path(matplotlib.get_data_path()) / "fonts/ttf").glob("DejaVu*[!y].ttf"))
)


def draw_strangers(count: int, seed: int, size: Size) -> Mapping[str, list[Image.Image]]:
    """Return so many grey pictures of each kind, by its name; the same for the same seed.

    Writing of `GENUINE` size is light on black as the data set's own, larger ones either way.
    """
    random = np.random.default_rng(seed)
    return {name: [draw(size, random) for _ in range(count)] for name, draw in KINDS.items()}


def photographed_strangers(count: int, seed: int) -> Mapping[str, Pixels]:
    """Return the views that the service takes at photographs of them, by the name of each kind.

    They are uint8[count, k, 28, 28].
    """
    drawn = draw_strangers(count, seed, PHOTOGRAPH)
    return {
        name: np.stack([evened(take_photograph(one).asked) for one in images])
        for name, images in drawn.items()
    }


def genuine_strangers(count: int, seed: int) -> Mapping[str, Pixels]:
    """Return them as pictures of the data set's size, uint8[count, 28, 28] of each kind."""
    drawn = draw_strangers(count, seed, GENUINE)
    return {name: np.stack([np.asarray(one) for one in images]) for name, images in drawn.items()}


def _noise(size: Size, random: Random) -> Image.Image:
    """Draw noise over the whole scale of greys, fine or in clouds."""
    values = random.random(size[::-1])
    smooth = random.choice(SMOOTH) * max(size) / SIDE
    values = ndimage.gaussian_filter(values, smooth) if smooth else values
    return _image((values - values.min()) / np.ptp(values) * 255)


def _blank(size: Size, random: Random) -> Image.Image:
    """Draw one grey with the grain of a sensor."""
    return _image(random.integers(0, 256) + random.normal(0, 2, size[::-1]))


def _text(size: Size, random: Random) -> Image.Image:
    """Draw lines of letters all over the picture."""
    font = _font(random, max(size) / random.uniform(2.5, 6))
    words = ["".join(random.choice(list(ascii_letters), 12)) for _ in range(12)]
    return _written(
        size, random, lambda pen: pen.multiline_text((1, 0), "\n".join(words), 255, font)
    )


def _digits(size: Size, random: Random) -> Image.Image:
    """Draw one digit in the middle, as large as the picture has room for, a little aslant."""
    middle, font = (size[0] / 2, size[1] / 2), _font(random, min(size) * random.uniform(0.7, 1))
    digit = random.choice(list(digits))
    drawn = _written(size, random, lambda pen: pen.text(middle, digit, 255, font, anchor="mm"))
    return drawn.rotate(random.uniform(-15, 15), fillcolor=drawn.getpixel((0, 0)))


def _written(
    size: Size, random: Random, write: Callable[[ImageDraw.ImageDraw], None]
) -> Image.Image:
    """Return what is written on paper, light on dark, or also dark on light in a photograph."""
    page = Image.new("L", size)
    pen = ImageDraw.Draw(page)
    pen.fontmode = "L"
    write(pen)
    ink = np.asarray(page, np.float32)
    shown = _image(ink / max(1, ink.max()) * 255)
    return (
        Image.eval(shown, lambda v: 255 - v) if size != GENUINE and random.random() < 0.5 else shown
    )


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
"""What is drawn, by name."""
