"""Photographs of garments varied, and garments laid on what lay around others.

The second is copy-paste (Ghiasi and others, arXiv:2012.07177): where the garment is, is known, even
when cloth and background have one colour, which is where every other way to find it fails.
"""

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from typing import Final, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from service.images.colour import Colour, Mask, Numbers
from service.images.photograph.segmenter import SEEN
from training.photographs.variations import PROCESSES

TURNED: Final = 20
"""Degrees that a garment is turned by at most."""

MOVED: Final = 8
"""Pixels of 64 that it is moved by at most, in each direction."""

AS_LARGE: Final = (0.85, 1.25)
"""How much larger a photograph is made as it is."""

LAID: Final = (0.5, 1.05)
"""How much larger a garment is made that is laid elsewhere: some are small in their picture."""

ALIKE: Final = 0.5
"""Share of the garments laid elsewhere that are given the background's colour, more or less."""

COVERINGS: Final = 24
"""How often a garment is covered by what lies around it before the rest is left even."""

Random = np.random.Generator


class Scene(NamedTuple):
    """A photograph as the segmenter sees it, uint8[64, 64, 3], and where the garment is in it."""

    picture: Colour
    mask: Mask


def make_scenes(
    known: Sequence[Scene], ways: int, seed: int
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """Return pictures uint8[n, 64, 64, 3] and masks of 0 and 1, uint8[n, 64, 64, 1].

    There are so many `ways` of each known scene, in an order of chance; the same for the same seed.
    """
    with ProcessPoolExecutor(PROCESSES, get_context("spawn")) as processes:
        making = partial(_make, known, seed)
        parts = list(processes.map(making, range(ways)))
    pictures, masks = (np.concatenate(part) for part in zip(*parts, strict=True))
    order = np.random.default_rng(seed).permutation(len(pictures))
    return pictures[order], masks[order, :, :, None]


def _make(
    known: Sequence[Scene], seed: int, way: int
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """Make one scene of each that is known: as it lies, or elsewhere, in turn."""
    random = np.random.default_rng((seed, way))
    others = [known[place] for place in random.permutation(len(known)).tolist()]
    made = [
        lay_elsewhere(one, other, random) if way % 2 else vary(one, random)
        for one, other in zip(known, others, strict=True)
    ]
    pictures, masks = zip(*made, strict=True)
    return np.stack(pictures), np.stack(masks).astype(np.uint8)


def vary(scene: Scene, random: Random) -> Scene:
    """Return a scene moved, turned and mirrored, in other light."""
    picture, share = _moved(_mirrored(scene, random), AS_LARGE, random)
    return Scene(_developed(_in_other_light(picture, random), random), share > 0.5)


def lay_elsewhere(garment: Scene, place: Scene, random: Random) -> Scene:
    """Return the garment of one scene where that of another lay, with a shadow around it."""
    background = _in_other_light(without_garment(_mirrored(place, random), random), random)
    picture, share = _moved(_mirrored(garment, random), LAID, random)
    cloth = _in_other_light(picture, random)
    if random.random() < ALIKE and (share > 0.5).any():
        cloth = _alike(cloth, share > 0.5, background.mean(axis=(0, 1)), random)
    fallen = np.roll(share, random.integers(-2, 3, 2), (0, 1))
    shadow = cv2.GaussianBlur(fallen, (0, 0), random.uniform(0.8, 3)) * random.uniform(0, 0.35)
    lit = background * (1 - shadow[:, :, None])
    laid = cloth * share[:, :, None] + lit * (1 - share[:, :, None])
    return Scene(_developed(laid.astype(np.float32), random), share > 0.5)


def without_garment(scene: Scene, random: Random) -> Colour:
    """Return a scene's picture with the garment covered by pieces of what lies around it."""
    around = np.ones((5, 5), np.uint8)  # its edge and shadow too
    garment = cv2.dilate(scene.mask.astype(np.uint8), around).astype(bool)
    if garment.all():
        return scene.picture
    picture, hidden = scene.picture.copy(), garment.copy()
    for _ in range(COVERINGS):
        by = random.integers(0, SEEN, 2)
        seen = hidden & ~np.roll(garment, by, (0, 1))
        picture[seen] = np.roll(scene.picture, by, (0, 1))[seen]
        hidden &= ~seen
    picture[hidden] = scene.picture[~garment].mean(axis=0)
    return picture


def _mirrored(scene: Scene, random: Random) -> Scene:
    """Mirror a scene in half of the cases; seldom turn it upside down, or lay it on its side."""
    picture, mask = scene
    if random.random() < 0.5:
        picture, mask = picture[:, ::-1], mask[:, ::-1]
    if random.random() < 0.1:
        picture, mask = picture[::-1], mask[::-1]
    if random.random() < 0.1:
        picture, mask = picture.transpose(1, 0, 2), mask.T
    return Scene(np.ascontiguousarray(picture), np.ascontiguousarray(mask))


def _moved(scene: Scene, scales: tuple[float, float], random: Random) -> tuple[Colour, Numbers]:
    """Turn, scale, stretch and move a scene; return its picture and how much is cloth.

    Beyond the picture's edge it is continued by its mirror image, and all is background: so cloth
    is called that where a garment reaches the edge, in a few pixels of a hundred.
    """
    centre, angle = (SEEN / 2, SEEN / 2), random.uniform(-TURNED, TURNED)
    how = cv2.getRotationMatrix2D(centre, angle, random.uniform(*scales))
    how[0] = how[0] * random.uniform(0.85, 1.15)
    how[:, 2] = how[:, 2] + random.uniform(-MOVED, MOVED, 2)
    size, kept = (SEEN, SEEN), cv2.BORDER_REFLECT_101
    picture = cv2.warpAffine(scene.picture, how, size, borderMode=kept)
    share = cv2.warpAffine(scene.mask.astype(np.float32), how, size)
    return picture.astype(np.uint8), share.astype(np.float32)


def _in_other_light(picture: Colour, random: Random) -> Numbers:
    """Return float32[64, 64, 3] lighter or darker, of another tint, and lit from a side."""
    lit = picture * (random.uniform(0.75, 1.25) * random.uniform(0.9, 1.1, 3))
    grey = lit.mean(axis=2, keepdims=True)
    across, down = random.uniform(-0.25, 0.25, 2)
    slope = np.linspace(-1, 1, SEEN)
    light = (1 + across * slope[None, :] + down * slope[:, None])[:, :, None]
    tinted = grey + (lit - grey) * random.uniform(0.5, 1.4)
    return np.asarray(np.clip(tinted * light, 0, 255), np.float32)


def _alike(cloth: Numbers, mask: Mask, wanted: Numbers, random: Random) -> Numbers:
    """Bring the mean colour of cloth near the wanted one, often with less pattern too."""
    moved = cloth + (wanted - cloth[mask].mean(axis=0)) * random.uniform(0.6, 1)
    if random.random() < 0.5:
        mean = moved[mask].mean(axis=0)
        moved = mean + (moved - mean) * random.uniform(0.3, 1)
    return np.asarray(np.clip(moved, 0, 255), np.float32)


def _developed(picture: Numbers, random: Random) -> Colour:
    """Return uint8 with the noise of a camera."""
    noisy = picture + random.normal(0, random.uniform(0, 6), picture.shape)
    return np.asarray(np.clip(noisy, 0, 255), np.uint8)
