"""Near-duplicates, which must not lie on both sides of a split."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from service.fashion_mnist import Pixels

BITS: Final = 64

MAX_DIFFERENT: Final = 8
"""Bits in which the hashes of one scene, photographed twice or scaled, may differ."""

Fingerprint = npt.NDArray[np.bool_]


def fingerprint(grey: Pixels) -> Fingerprint:
    """Return the difference hash of a picture uint8[height, width], bool[64].

    Each bit says whether one of 9×8 cells is darker than its right neighbour (N. Krawetz, "Kind of
    Like That", 2013); scaling, compression and light change few of them.
    """
    cells = np.asarray(Image.fromarray(grey).resize((9, 8), Image.Resampling.BOX), np.int16)
    return (np.diff(cells, axis=1) > 0).ravel()


def group(fingerprints: Sequence[Fingerprint]) -> npt.NDArray[np.int32]:
    """Return the group number of each picture; near-duplicates share one."""
    signs = np.where(np.stack(fingerprints), 1.0, -1.0).astype(np.float32)
    different = (BITS - signs @ signs.T) / 2
    left, right = np.nonzero(different <= MAX_DIFFERENT)
    alike = coo_array((np.ones(len(left)), (left, right)), shape=different.shape)
    _, groups = connected_components(alike, directed=False)
    numbers: npt.NDArray[np.int32] = groups.astype(np.int32)
    return numbers
