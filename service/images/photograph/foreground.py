"""Finds the garment in a photograph."""

from functools import cache
from types import ModuleType
from typing import Final

import numpy as np
import numpy.typing as npt

from service.images.colour import Colour, Mask, distance_to
from service.images.photograph.border import (
    NEAR_BLACK,
    RIM,
    border_of,
    looks_like_the_data_set,
    rim_of,
)
from service.images.photograph.segmenter import segment

Labels = npt.NDArray[np.int32]

GRABCUT_SIDE: Final = 96
"""Longest edge in pixels for GrabCut: it takes 14 ms, and finer masks gain nothing."""

ROUNDS: Final = 4
"""Iterations of GrabCut."""

BACKGROUND_DISTANCE: Final = 0.05
"""A pixel up to this colour distance from the border's median is background."""

PLAIN: Final = BACKGROUND_DISTANCE
"""A border with at most this spread has one colour: pixels beyond it would count as garment."""

FILLED: Final = 0.96
"""Longest edge of a garment in the data set, as a share of its square: 27 or 28 of 28 pixels."""

COLLAPSED: Final = 0.03
"""Below this share of the picture GrabCut has lost the garment: in 6 % of real photographs."""

MIDDLE: Final = 0.5
"""Share of width and height that is then fixed as garment, which rescues half of them."""

SUBSTANTIAL: Final = 0.1
"""A piece of at least this share of the largest belongs to the garment too."""

LIKELY: Final = 0.5
"""The segmenter's probability above which a pixel is garment."""

_SEED: Final = 0


def foregrounds(colour: Colour) -> tuple[Mask, ...]:
    """Return one or two masks bool[height, width] of the garment in uint8[height, width, 3].

    On a plain background, colour finds it. On any other, the segmenter knows what clothes look
    like and GrabCut knows the colours of this photograph; each finds garments that the other
    misses. A mask is all false only if nothing was found at all. The result is deterministic.
    """
    if (plain := _on_plain_background(colour, RIM)) is not None:
        return (plain,)
    found = largest_pieces(segment(colour) > LIKELY), largest_pieces(cut_out(colour))
    return tuple(mask for mask in found if mask.any()) or found[:1]


def foreground(colour: Colour, *, rounds: int = ROUNDS, rim: float = RIM) -> Mask:
    """Return the mask bool[height, width] of the garment in uint8[height, width, 3], by colour.

    On a plain background it works as `foregrounds` does, on any other by `rounds` iterations of
    GrabCut with a border of `rim` as background. The mask is all false if nothing was found. The
    result is deterministic.
    """
    plain = _on_plain_background(colour, rim)
    if plain is not None:
        return plain
    return largest_pieces(cut_out(colour, rounds=rounds, rim=rim))


def _on_plain_background(colour: Colour, rim: float) -> Mask | None:
    """Return the mask if the background has one colour, else None."""
    if looks_like_the_data_set(colour):
        return _lit(colour)
    border = border_of(colour, rim=rim)
    if border.spread > PLAIN:
        return None
    return largest_pieces(distance_to(colour, border.colour) > BACKGROUND_DISTANCE)


def _lit(colour: Colour) -> Mask:
    """Return what is not black, or the whole square if it fills that as in the data set."""
    lit = np.asarray(colour.max(axis=2) > NEAR_BLACK)
    height, width = lit.shape
    sides = (np.flatnonzero(lit.any(axis=axis)) for axis in (0, 1))
    filled = max((np.ptp(side) + 1 for side in sides if side.size), default=0) >= FILLED * height
    return np.ones_like(lit) if filled and height == width else lit


def cut_out(colour: Colour, *, rounds: int = ROUNDS, rim: float = RIM, again: bool = True) -> Mask:
    """Return the garment's mask bool[height, width] on any background, by GrabCut.

    Rother, Kolmogorov and Blake, "GrabCut", SIGGRAPH 2004, on a reduced picture. Only a thin border
    is fixed as background. If almost nothing is left because the garment has the background's
    colours too, a second try (if `again`) fixes the middle of the picture as garment, in half as
    many rounds.
    """
    cv2 = _opencv()
    height, width = colour.shape[:2]
    scale = min(1, GRABCUT_SIDE / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = cv2.resize(np.ascontiguousarray(colour), size, interpolation=cv2.INTER_AREA)
    sure = rim_of(small.shape[:2], rim)
    if sure.all():
        return np.zeros((height, width), bool)
    marks = np.where(sure, cv2.GC_BGD, cv2.GC_PR_FGD).astype(np.uint8)
    found = _grab_cut(small, marks, rounds)
    if again and found.mean() < COLLAPSED:
        found = _grab_cut(small, np.where(_middle(marks), cv2.GC_FGD, marks), (rounds + 1) // 2)
    fine = cv2.resize(found.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(fine > 0.5)


def _grab_cut(small: Colour, marks: npt.NDArray[np.uint8], rounds: int) -> Mask:
    """Return GrabCut's mask for initial marks of certain and possible background and garment."""
    cv2 = _opencv()
    marks = marks.astype(np.uint8)  # OpenCV writes into them
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.setRNGSeed(_SEED)  # its k-means starts at random
    cv2.grabCut(small, marks, None, *models, rounds, cv2.GC_INIT_WITH_MASK)
    return np.asarray((marks == cv2.GC_PR_FGD) | (marks == cv2.GC_FGD))


def _middle(marks: npt.NDArray[np.uint8]) -> Mask:
    """Return an ellipse of MIDDLE of the picture's width and height."""
    height, width = marks.shape
    down = (np.arange(height)[:, None] + 0.5) / height - 0.5
    across = (np.arange(width) + 0.5) / width - 0.5
    return np.asarray(down**2 + across**2 < (MIDDLE / 2) ** 2)


def largest_pieces(mask: Mask) -> Mask:
    """Keep the largest connected piece and others of substantial size, as in a pair of shoes."""
    labels, areas = pieces_of(mask)
    return np.asarray((areas >= max(1, SUBSTANTIAL * areas.max()))[labels])


def pieces_of(mask: Mask) -> tuple[Labels, Labels]:
    """Return the connected piece of each pixel and the area of each piece in pixels.

    Piece 0 is everything outside the mask; its area is given as 0.
    """
    cv2 = _opencv()
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    areas = stats[:, cv2.CC_STAT_AREA]
    areas[0] = 0
    return labels, areas


@cache
def _opencv() -> ModuleType:
    """Import OpenCV at first use: it takes 44 ms, which a start need not wait for.

    It uses one thread, since each process has one core.
    """
    import cv2

    cv2.setNumThreads(1)
    return cv2
