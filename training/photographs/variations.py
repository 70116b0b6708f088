"""Prepares photographs for training: each cut out as by the service, and with typical errors.

A mask is never exact: some background stays, or a sleeve is lost. So each photograph yields many
variants with such errors, and in other light, and the network learns to ignore them.
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
from training.predict import four_views

MAX_PIXELS: Final = 100_000_000
"""Pixels of one photograph: the user's own files may be larger than uploads."""

PROCESSES: Final = 2
"""One per core of a small machine. Threads would not do: GrabCut's random state is global to a
process."""

CHUNK: Final = 16
"""Photographs sent to a process at a time."""

Random = np.random.Generator


class PreparedPhotograph(NamedTuple):
    """One photograph as `variants` to train on, uint8[v, 28, 28], and as the service sees it.

    The first variant is the unchanged cut-out. `views`, uint8[4, 28, 28], are what the service
    sends to the model.
    """

    variants: Pixels
    views: Pixels
    fingerprint: Fingerprint


def prepare(
    photographs: Sequence[Photograph], seed: int
) -> Iterator[PreparedPhotograph | FashionError]:
    """Yield each photograph prepared, or why it cannot be read.

    The variations depend only on the seed and the photograph's index.
    """
    seeds = [(seed, index) for index in range(len(photographs))]
    # Spawned: this process may have loaded TensorFlow, whose threads do not survive a fork.
    with ProcessPoolExecutor(PROCESSES, get_context("spawn")) as processes:
        yield from processes.map(_prepare_one, photographs, seeds, chunksize=CHUNK)


def _prepare_one(
    photograph: Photograph, seed: tuple[int, int]
) -> PreparedPhotograph | FashionError:
    try:
        data = photograph.path.read_bytes()
        colour, _, _ = to_colour(open_image(data, max_pixels=MAX_PIXELS))
    except FashionError as error:
        return error
    mask, random = foreground(colour), np.random.default_rng(seed)
    varied = [vary(colour, mask, random) for vary in VARIATIONS]
    variants = [draw(*pair) for pair in [(colour, mask), *varied]]
    grey = np.asarray(Image.fromarray(colour).convert("L"))
    views = mirrored_views(np.stack([draw(colour, found) for found in foregrounds(colour)]))
    return PreparedPhotograph(np.stack(variants), four_views(views), fingerprint(grey))


def _rotated(colour: Colour, mask: Mask, random: Random) -> tuple[Colour, Mask]:
    """Rotate the photograph slightly."""
    angle = random.uniform(-15, 15)
    rotated = Image.fromarray(colour).rotate(angle, Image.Resampling.BILINEAR, fillcolor=None)
    kept = Image.fromarray(mask).rotate(angle)
    return np.asarray(rotated), np.asarray(kept)


def _recut(colour: Colour, mask: Mask, random: Random) -> tuple[Colour, Mask]:
    """Crop the photograph slightly, and cut out again with other parameters."""
    height, width = colour.shape[:2]
    left, right = (int(width * share) for share in random.uniform(0, 0.06, 2))
    top, bottom = (int(height * share) for share in random.uniform(0, 0.06, 2))
    section = colour[top : height - bottom, left : width - right]
    rounds, rim = int(random.integers(2, 6)), float(random.uniform(0.02, 0.06))
    return section, foreground(section, rounds=rounds, rim=rim)


def _with_leftovers(colour: Colour, mask: Mask, random: Random) -> tuple[Colour, Mask]:
    """Add a margin and a disc of background to the mask."""
    margin = max(1, round(random.uniform(0.01, 0.04) * max(mask.shape)))
    kept = ndimage.binary_dilation(mask, iterations=margin)
    return colour, kept | _disc_in(kept, random)


def _with_losses(colour: Colour, mask: Mask, random: Random) -> tuple[Colour, Mask]:
    """Remove the garment's edge and a disc from the mask."""
    margin = max(1, round(random.uniform(0.005, 0.02) * max(mask.shape)))
    kept = ndimage.binary_erosion(mask, iterations=margin)
    return colour, kept & ~_disc_in(kept, random)


def _relit(colour: Colour, mask: Mask, random: Random) -> tuple[Colour, Mask]:
    """Light the photograph from one side, and make it lighter or darker."""
    height, width = mask.shape
    across, down = random.uniform(-0.35, 0.35, 2)
    slope = across * np.linspace(-1, 1, width)[None, :] + down * np.linspace(-1, 1, height)[:, None]
    light = (random.uniform(0.75, 1.2) * (1 + slope)).astype(np.float32)
    return np.clip(colour * light[:, :, None], 0, 255).astype(np.uint8), mask


def _stretched(colour: Colour, mask: Mask, random: Random) -> tuple[Colour, Mask]:
    """Make the garment wider or narrower."""
    height, width = mask.shape
    size = max(1, round(width * random.uniform(0.85, 1.18))), height
    wider = Image.fromarray(colour).resize(size, Image.Resampling.BILINEAR)
    kept = Image.fromarray(mask).resize(size, Image.Resampling.NEAREST)
    return np.asarray(wider), np.asarray(kept)


def _combined(colour: Colour, mask: Mask, random: Random) -> tuple[Colour, Mask]:
    """Combine two or three variations."""
    for index in random.permutation(len(COMBINABLE))[: random.integers(2, 4)]:
        colour, mask = COMBINABLE[index](colour, mask, random)
    return colour, mask


def _disc_in(mask: Mask, random: Random) -> Mask:
    """Return a disc around a random pixel of a mask; nothing if the mask is empty."""
    places = np.argwhere(mask)
    if not len(places):
        return np.zeros_like(mask)
    row, column = places[random.integers(len(places))]
    radius = random.uniform(0.03, 0.1) * max(mask.shape)
    rows, columns = np.ogrid[: mask.shape[0], : mask.shape[1]]
    return np.asarray((rows - row) ** 2 + (columns - column) ** 2 < radius**2)


Vary = Callable[[Colour, Mask, Random], tuple[Colour, Mask]]

COMBINABLE: Final[tuple[Vary, ...]] = (
    *(_rotated, _stretched, _relit),
    *(_with_leftovers, _with_losses),
)
"""Variations that can be combined in any order, because none of them cuts out again."""

VARIATIONS: Final[tuple[Vary, ...]] = (_recut, _recut, *COMBINABLE, *(_combined,) * 16)
"""The variations of each photograph. With fewer, a network soon memorises a few thousand."""
