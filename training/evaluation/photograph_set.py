"""Photographs in folders, each read as the service reads it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from service.errors import FashionError
from service.fashion_mnist import Pixels
from service.images.picture import Picture
from service.images.read import read_picture
from training.data.dataset import Allowed
from training.evaluation.evaluate import Selection
from training.photographs.folder import FoundPhotographs, Photograph, PhotographsRefused
from training.photographs.variations import MAX_PIXELS
from training.predict import four_views
from training.progress import track


@dataclass(frozen=True)
class PhotographSet:
    """Photographs with what the model sees of each, and why others were skipped."""

    photographs: Sequence[Photograph]
    pictures: Sequence[Picture]
    skipped: Sequence[str]

    @property
    def views(self) -> Pixels:
        """Return the views that the model predicts, uint8[n, 4, 28, 28]."""
        return np.stack([four_views(picture.views) for picture in self.pictures])

    @property
    def allowed(self) -> Allowed:
        """Return which classes are right for each, bool[n, 10]: none if out of distribution."""
        return np.stack([one.target > 0 for one in self.photographs])

    @property
    def known(self) -> Selection:
        """Select the photographs that show one of the ten classes."""
        return np.array([not one.is_out_of_distribution for one in self.photographs])

    def labelled(self, label: str) -> Selection:
        """Select the photographs in the folder of that name."""
        return np.array([one.label == label for one in self.photographs])


def read_photographs(found: FoundPhotographs, quiet: bool = False) -> PhotographSet:
    """Read photographs as the service does.

    Raises:
        PhotographsRefused: no photograph of the ten classes can be read.
    """
    photographs, pictures, skipped = [], [], []
    for one in track(found.photographs, len(found.photographs), "photographs", quiet):
        try:
            pictures.append(read_picture(one.path.read_bytes(), "photo", max_pixels=MAX_PIXELS))
            photographs.append(one)
        except FashionError as error:
            skipped.append(f"skipped {one.path}: {error}")
    if all(one.is_out_of_distribution for one in photographs):
        raise PhotographsRefused(
            "No photograph of the ten classes can be read: " + "; ".join(skipped[:3])
        )
    return PhotographSet(photographs, pictures, skipped)
