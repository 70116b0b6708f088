"""Photographs in folders, each with what the model sees of it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from service.errors import FashionError
from service.fashion_mnist import Pixels
from service.images.picture import Picture
from service.images.read import read_picture
from training.data.dataset import Allowed, Named
from training.photographs.folder import Found, Photograph, PhotographsRefused
from training.photographs.variations import MAX_PIXELS
from training.predict import evened
from training.progress import progress_bars

Chosen = npt.NDArray[np.bool_]
"""Which of some pictures, bool[n]."""


@dataclass(frozen=True)
class Album:
    """Photographs, each with what the model sees of it, and what could not be read, in words."""

    photographs: Sequence[Photograph]
    pictures: Sequence[Picture]
    skipped: Sequence[str]

    @property
    def views(self) -> Pixels:
        """Return what the model is asked about, uint8[n, k, 28, 28]."""
        return np.stack([evened(picture.asked) for picture in self.pictures])

    @property
    def allowed(self) -> Allowed:
        """Return which classes are right for each, bool[n, 10]: none for a stranger."""
        return np.stack([one.target > 0 for one in self.photographs])

    @property
    def known(self) -> Chosen:
        """Return which of them show one of the ten classes, bool[n]."""
        return np.array([not one.is_stranger for one in self.photographs])

    def named(self) -> Named:
        """Return those of the ten classes, and which are right for each."""
        return Named(self.views[self.known], self.allowed[self.known])

    def labelled(self, label: str) -> Chosen:
        """Return which of them lie in the folder of that name, bool[n]."""
        return np.array([one.label == label for one in self.photographs])


def take_album(found: Found, quiet: bool = False) -> Album:
    """Take photographs as the service takes them.

    Raises:
        PhotographsRefused: not one of the ten classes can be read.
    """
    photographs, pictures, skipped = [], [], []
    with progress_bars(quiet) as bars:
        task = bars.add_task("photographs", total=len(found.photographs), figures="")
        for one in found.photographs:
            try:
                pictures.append(read_picture(one.path.read_bytes(), "photo", max_pixels=MAX_PIXELS))
                photographs.append(one)
            except FashionError as error:
                skipped.append(f"skipped {one.path}: {error}")
            bars.advance(task)
    if all(one.is_stranger for one in photographs):
        raise PhotographsRefused(
            "Not one photograph of the ten classes can be read: " + "; ".join(skipped[:3])
        )
    return Album(photographs, pictures, skipped)
