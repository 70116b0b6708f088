"""Scenes to train the segmenter on: photographs varied, and garments pasted onto backgrounds.

Copy-paste (Ghiasi and others, arXiv:2012.07177) gives exact masks even where cloth and background
have one colour, which is where every other method fails.
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

MAX_ROTATION: Final = 20
"""Degrees."""

MAX_SHIFT: Final = 8
"""Pixels of 64, in each direction."""

VARIED_SCALES: Final = (0.85, 1.25)
"""Range of scale factors for a photograph as it is."""

PASTED_SCALES: Final = (0.5, 1.05)
"""Range of scale factors for a pasted garment: some garments are small in their picture."""

CAMOUFLAGED: Final = 0.5
"""Share of the pasted garments that get nearly the colour of the background."""

COVERINGS: Final = 24
"""Times that pieces of the surroundings cover a garment; the mean colour fills what is left."""

Random = np.random.Generator


class Scene(NamedTuple):
    """A photograph as the segmenter sees it, uint8[64, 64, 3], and the garment's mask."""

    picture: Colour
    mask: Mask


def make_scenes(
    known: Sequence[Scene], ways: int, seed: int
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """Return pictures uint8[n, 64, 64, 3] and masks of 0 and 1, uint8[n, 64, 64, 1].

    Each known scene is used `ways` times. The order is random; the same seed gives the same scenes.
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
    """Make one scene from each known one: varied if `way` is even, pasted if it is odd."""
    random = np.random.default_rng((seed, way))
    others = [known[place] for place in random.permutation(len(known)).tolist()]
    made = [
        paste(one, other, random) if way % 2 else vary(one, random)
        for one, other in zip(known, others, strict=True)
    ]
    pictures, masks = zip(*made, strict=True)
    return np.stack(pictures), np.stack(masks).astype(np.uint8)


def vary(scene: Scene, random: Random) -> Scene:
    """Return a scene moved, rotated and mirrored, in other light."""
    picture, share = _transformed(_mirrored(scene, random), VARIED_SCALES, random)
    return Scene(_with_noise(_relit(picture, random), random), share > 0.5)


def paste(garment: Scene, background_of: Scene, random: Random) -> Scene:
    """Return one scene's garment, with a shadow, on the background of another."""
    background = _relit(without_garment(_mirrored(background_of, random), random), random)
    picture, share = _transformed(_mirrored(garment, random), PASTED_SCALES, random)
    cloth = _relit(picture, random)
    if random.random() < CAMOUFLAGED and (share > 0.5).any():
        cloth = _camouflaged(cloth, share > 0.5, background.mean(axis=(0, 1)), random)
    fallen = np.roll(share, random.integers(-2, 3, 2), (0, 1))
    shadow = cv2.GaussianBlur(fallen, (0, 0), random.uniform(0.8, 3)) * random.uniform(0, 0.35)
    lit = background * (1 - shadow[:, :, None])
    pasted = cloth * share[:, :, None] + lit * (1 - share[:, :, None])
    return Scene(_with_noise(pasted.astype(np.float32), random), share > 0.5)


def without_garment(scene: Scene, random: Random) -> Colour:
    """Return a scene's picture with the garment covered by pieces of its surroundings."""
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
    """Mirror half of the scenes; turn a tenth upside down, and a tenth on its side."""
    picture, mask = scene
    if random.random() < 0.5:
        picture, mask = picture[:, ::-1], mask[:, ::-1]
    if random.random() < 0.1:
        picture, mask = picture[::-1], mask[::-1]
    if random.random() < 0.1:
        picture, mask = picture.transpose(1, 0, 2), mask.T
    return Scene(np.ascontiguousarray(picture), np.ascontiguousarray(mask))


def _transformed(
    scene: Scene, scales: tuple[float, float], random: Random
) -> tuple[Colour, Numbers]:
    """Rotate, scale, stretch and move a scene; return its picture and each pixel's share of cloth.

    The picture is reflected beyond its edge, where all counts as background: wrong for a few pixels
    in a hundred, where a garment reaches the edge.
    """
    centre, angle = (SEEN / 2, SEEN / 2), random.uniform(-MAX_ROTATION, MAX_ROTATION)
    how = cv2.getRotationMatrix2D(centre, angle, random.uniform(*scales))
    how[0] = how[0] * random.uniform(0.85, 1.15)
    how[:, 2] = how[:, 2] + random.uniform(-MAX_SHIFT, MAX_SHIFT, 2)
    size, kept = (SEEN, SEEN), cv2.BORDER_REFLECT_101
    picture = cv2.warpAffine(scene.picture, how, size, borderMode=kept)
    share = cv2.warpAffine(scene.mask.astype(np.float32), how, size)
    return picture.astype(np.uint8), share.astype(np.float32)


def _relit(picture: Colour, random: Random) -> Numbers:
    """Return float32[64, 64, 3] lighter or darker, with another tint, lit from one side."""
    lit = picture * (random.uniform(0.75, 1.25) * random.uniform(0.9, 1.1, 3))
    grey = lit.mean(axis=2, keepdims=True)
    across, down = random.uniform(-0.25, 0.25, 2)
    slope = np.linspace(-1, 1, SEEN)
    light = (1 + across * slope[None, :] + down * slope[:, None])[:, :, None]
    tinted = grey + (lit - grey) * random.uniform(0.5, 1.4)
    return np.asarray(np.clip(tinted * light, 0, 255), np.float32)


def _camouflaged(cloth: Numbers, mask: Mask, wanted: Numbers, random: Random) -> Numbers:
    """Move the mean colour of cloth towards `wanted`; weaken the pattern in half of the cases."""
    moved = cloth + (wanted - cloth[mask].mean(axis=0)) * random.uniform(0.6, 1)
    if random.random() < 0.5:
        mean = moved[mask].mean(axis=0)
        moved = mean + (moved - mean) * random.uniform(0.3, 1)
    return np.asarray(np.clip(moved, 0, 255), np.float32)


def _with_noise(picture: Numbers, random: Random) -> Colour:
    """Return uint8 with camera noise."""
    noisy = picture + random.normal(0, random.uniform(0, 6), picture.shape)
    return np.asarray(np.clip(noisy, 0, 255), np.uint8)
