"""Photographs made ready to learn from: cut out as the service does, and in ways it may go wrong.

A mask is never quite right: some background stays, a sleeve is lost, light falls from one side. So
each photograph is cut out several times over, and the network learns not to mind.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Final, NamedTuple

import numpy as np
from PIL import Image
from scipy import ndimage

from service.errors import FashionError
from service.fashion_mnist import Pixels
from service.images.colour import Colour, Mask
from service.images.files.decode import open_image, to_colour
from service.images.photograph.foreground import foreground, foregrounds
from service.images.photograph.to_28x28 import draw
from service.images.picture import mirrored_views
from training.photographs.duplicates import Fingerprint, fingerprint
from training.photographs.folder import Photograph
from training.predict import evened

MAX_PIXELS: Final = 100_000_000
"""Of one photograph: the trainer's own files may be larger than what a stranger sends."""

PROCESSES: Final = 2
"""One for each of two cores. It takes one photograph at a time, for GrabCut draws on one chance for
a whole process."""

AT_A_TIME: Final = 16
"""Photographs that a process is given at once."""

Random = np.random.Generator


class Cutout(NamedTuple):
    """One photograph as pictures to learn from, uint8[v, 28, 28], and as the service asks about it.

    The first of the pictures is cut out by its colours, as by the service among others, and `views`
    are all that the service takes, uint8[k, 28, 28].
    """

    pixels: Pixels
    views: Pixels
    fingerprint: Fingerprint


def cut_out(photographs: Sequence[Photograph], seed: int) -> Iterator[Cutout | FashionError]:
    """Yield what each photograph becomes, or why it cannot be read.

    What is varied depends on the seed and on the photograph's place alone.
    """
    seeds = [(seed, place) for place in range(len(photographs))]
    # Not a fork of this process, which may have loaded TensorFlow and its threads.
    with ProcessPoolExecutor(PROCESSES, get_context("spawn")) as processes:
        yield from processes.map(_cut_one, photographs, seeds, chunksize=AT_A_TIME)


def _cut_one(photograph: Photograph, seed: tuple[int, int]) -> Cutout | FashionError:
    try:
        data = photograph.path.read_bytes()
        colour, _, _ = to_colour(open_image(data, max_pixels=MAX_PIXELS))
    except FashionError as error:
        return error
    mask, random = foreground(colour), np.random.default_rng(seed)
    varied = [vary(colour, mask, random) for vary in VARIATIONS]
    drawn = [draw(*one) for one in [(colour, mask), *varied]]
    grey = np.asarray(Image.fromarray(colour).convert("L"))
    asked = mirrored_views(np.stack([draw(colour, one) for one in foregrounds(colour)]))
    return Cutout(np.stack(drawn), evened(asked), fingerprint(grey))


def _turned(colour: Colour, mask: Mask, random: Random) -> tuple[Colour, Mask]:
    """Lay the garment a little aslant."""
    angle = random.uniform(-15, 15)
    turned = Image.fromarray(colour).rotate(angle, Image.Resampling.BILINEAR, fillcolor=None)
    kept = Image.fromarray(mask).rotate(angle)
    return np.asarray(turned), np.asarray(kept)


def _cut_again(colour: Colour, mask: Mask, random: Random) -> tuple[Colour, Mask]:
    """Cut out of another section of the photograph, with another border and other effort."""
    height, width = colour.shape[:2]
    left, right = (int(width * share) for share in random.uniform(0, 0.06, 2))
    top, bottom = (int(height * share) for share in random.uniform(0, 0.06, 2))
    section = colour[top : height - bottom, left : width - right]
    rounds, rim = int(random.integers(2, 6)), float(random.uniform(0.02, 0.06))
    return section, foreground(section, rounds=rounds, rim=rim)


def _with_remains(colour: Colour, mask: Mask, random: Random) -> tuple[Colour, Mask]:
    """Leave background around the garment, and a piece of it beside."""
    wide = max(1, round(random.uniform(0.01, 0.04) * max(mask.shape)))
    kept = ndimage.binary_dilation(mask, iterations=wide)
    return colour, kept | _piece_at(kept, random)


def _with_losses(colour: Colour, mask: Mask, random: Random) -> tuple[Colour, Mask]:
    """Lose the edge of the garment, and a piece of it."""
    wide = max(1, round(random.uniform(0.005, 0.02) * max(mask.shape)))
    kept = ndimage.binary_erosion(mask, iterations=wide)
    return colour, kept & ~_piece_at(kept, random)


def _in_other_light(colour: Colour, mask: Mask, random: Random) -> tuple[Colour, Mask]:
    """Let light fall from one side, and make the whole lighter or darker."""
    height, width = mask.shape
    across, down = random.uniform(-0.35, 0.35, 2)
    slope = across * np.linspace(-1, 1, width)[None, :] + down * np.linspace(-1, 1, height)[:, None]
    light = (random.uniform(0.75, 1.2) * (1 + slope)).astype(np.float32)
    return np.clip(colour * light[:, :, None], 0, 255).astype(np.uint8), mask


def _stretched(colour: Colour, mask: Mask, random: Random) -> tuple[Colour, Mask]:
    """Make the garment wider or narrower, as others are cut."""
    height, width = mask.shape
    size = max(1, round(width * random.uniform(0.85, 1.18))), height
    wider = Image.fromarray(colour).resize(size, Image.Resampling.BILINEAR)
    kept = Image.fromarray(mask).resize(size, Image.Resampling.NEAREST)
    return np.asarray(wider), np.asarray(kept)


def _several(colour: Colour, mask: Mask, random: Random) -> tuple[Colour, Mask]:
    """Vary the garment in two or three ways at once."""
    for way in random.permutation(len(TOGETHER))[: random.integers(2, 4)]:
        colour, mask = TOGETHER[way](colour, mask, random)
    return colour, mask


def _piece_at(mask: Mask, random: Random) -> Mask:
    """Return a disc around some place of a mask; nothing if the mask is empty."""
    places = np.argwhere(mask)
    if not len(places):
        return np.zeros_like(mask)
    row, column = places[random.integers(len(places))]
    radius = random.uniform(0.03, 0.1) * max(mask.shape)
    rows, columns = np.ogrid[: mask.shape[0], : mask.shape[1]]
    return np.asarray((rows - row) ** 2 + (columns - column) ** 2 < radius**2)


Vary = Callable[[Colour, Mask, Random], tuple[Colour, Mask]]

TOGETHER: Final[tuple[Vary, ...]] = (
    *(_turned, _stretched, _in_other_light),
    *(_with_remains, _with_losses),
)
"""What goes together, in any order: none of these looks for the garment anew."""

VARIATIONS: Final[tuple[Vary, ...]] = (_cut_again, _cut_again, *TOGETHER, *(_several,) * 16)
"""What a photograph is varied by, beside the service's own way: a few thousand photographs are few,
and a network that sees each in few ways soon knows them by heart."""
