"""Which pixels of a photograph are the garment."""

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

SIDE: Final = 96
"""Pixels of the longest edge at which GrabCut works: 14 ms, and finer masks win nothing."""

ROUNDS: Final = 4
"""Rounds of GrabCut."""

TRIMMED: Final = 0.05
"""Share of the largest distance of two colours up to which a pixel is still background."""

PLAIN: Final = TRIMMED
"""Spread of a border up to which it is one colour: what differs more would be called garment."""

FILLED: Final = 0.96
"""Share of its square that a picture of the data set is long: 27 or 28 pixels of 28."""

COLLAPSED: Final = 0.03
"""Share of the picture under which GrabCut has lost the garment: 6 % of real photographs."""

MIDDLE: Final = 0.5
"""Share of width and height of what is then certain to be garment; it rights half of them."""

SUBSTANTIAL: Final = 0.1
"""Share of the largest piece from which on another piece is a part of the garment."""

LIKELY: Final = 0.5
"""How likely a pixel must be the garment's to the segmenter."""

_SEED: Final = 0


def foregrounds(colour: Colour) -> tuple[Mask, ...]:
    """Find the garment in a photograph, uint8[height, width, 3], in every way that suits it.

    Before a plain background it is found by colour. Before any other by the segmenter, which knows
    what clothes look like, and by GrabCut, which knows the colours of this one photograph: each
    finds garments that the other loses. Returns one or two masks bool[height, width], the same for
    the same picture; one of them is all false only where nothing is found in any way.
    """
    if (plain := _before_plain(colour, RIM)) is not None:
        return (plain,)
    found = largest_pieces(segment(colour) > LIKELY), largest_pieces(cut_out(colour))
    return tuple(mask for mask in found if mask.any()) or found[:1]


def foreground(colour: Colour, *, side: int = SIDE, rounds: int = ROUNDS, rim: float = RIM) -> Mask:
    """Find the garment in a photograph, uint8[height, width, 3], by its colours alone.

    Before a plain background as `foregrounds` does, elsewhere by GrabCut at `side` pixels, in so
    many `rounds`, with a border of `rim` for certain background. Returns bool[height, width],
    the same for the same picture; all false where nothing is found.
    """
    plain = _before_plain(colour, rim)
    if plain is not None:
        return plain
    return largest_pieces(cut_out(colour, side=side, rounds=rounds, rim=rim))


def _before_plain(colour: Colour, rim: float) -> Mask | None:
    """Return what is not background where that is one colour, or None where it is not."""
    if looks_like_the_data_set(colour):
        return _lit(colour)
    border = border_of(colour, rim=rim)
    if border.spread > PLAIN:
        return None
    return largest_pieces(distance_to(colour, border.colour) > TRIMMED)


def _lit(colour: Colour) -> Mask:
    """Return what is not black; of a square that it fills as in the data set, the whole square."""
    lit = np.asarray(colour.max(axis=2) > NEAR_BLACK)
    height, width = lit.shape
    sides = (np.flatnonzero(lit.any(axis=axis)) for axis in (0, 1))
    filled = max((np.ptp(side) + 1 for side in sides if side.size), default=0) >= FILLED * height
    return np.ones_like(lit) if filled and height == width else lit


def cut_out(
    colour: Colour,
    *,
    side: int = SIDE,
    rounds: int = ROUNDS,
    rim: float = RIM,
    again: bool = True,
) -> Mask:
    """Cut the garment out of a background of any kind, bool[height, width].

    GrabCut (Rother, Kolmogorov, Blake, SIGGRAPH 2004) on a picture of `side` pixels. Only a thin
    border is certain to be background; all else may be garment. Where next to nothing is left of
    that, because the garment has the background's colours too, a second try, if `again`, takes the
    middle of the picture for certain to be garment, in half as many rounds.
    """
    cv2 = _opencv()
    height, width = colour.shape[:2]
    scale = min(1, side / max(height, width))
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
    """Return what GrabCut makes garment, from marks of what is and what may be."""
    cv2 = _opencv()
    marks = marks.astype(np.uint8)  # it writes into them
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.setRNGSeed(_SEED)  # it groups the colours by k-means, which begins with chance
    cv2.grabCut(small, marks, None, *models, rounds, cv2.GC_INIT_WITH_MASK)
    return np.asarray((marks == cv2.GC_PR_FGD) | (marks == cv2.GC_FGD))


def _middle(marks: npt.NDArray[np.uint8]) -> Mask:
    """Return where the middle is: an ellipse of MIDDLE of the picture's width and height."""
    height, width = marks.shape
    down = (np.arange(height)[:, None] + 0.5) / height - 0.5
    across = (np.arange(width) + 0.5) / width - 0.5
    return np.asarray(down**2 + across**2 < (MIDDLE / 2) ** 2)


def largest_pieces(mask: Mask) -> Mask:
    """Keep the largest connected piece, and others of a substantial size: a pair of shoes."""
    labels, areas = pieces_of(mask)
    return np.asarray((areas >= max(1, SUBSTANTIAL * areas.max()))[labels])


def pieces_of(mask: Mask) -> tuple[Labels, Labels]:
    """Return which connected piece each pixel belongs to, and how many pixels each piece has.

    Number 0 is all that lies outside the mask, which counts as none.
    """
    cv2 = _opencv()
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    areas = stats[:, cv2.CC_STAT_AREA]
    areas[0] = 0
    return labels, areas


@cache
def _opencv() -> ModuleType:
    """Load OpenCV where it is first needed: it takes 44 ms, which a start need not wait for.

    It works in the one thread that asks, as there is one core for each process.
    """
    import cv2

    cv2.setNumThreads(1)
    return cv2
