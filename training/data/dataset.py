"""Pictures with their labels: found or downloaded, checked, and split."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from service.fashion_mnist import CLASS_NAMES, Pixels
from training.data.download import download
from training.data.idx import KNOWN, read_folder
from training.options import config

Labels = npt.NDArray[np.uint8]

Allowed = npt.NDArray[np.bool_]
"""Which classes are right for each picture, bool[n, 10]: one, or one of several."""


@dataclass(frozen=True)
class Pictures:
    """Pictures uint8[n, 28, 28] and the class index of each, uint8[n]."""

    pixels: Pixels
    labels: Labels

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.labels)


@dataclass(frozen=True)
class Named:
    """Pictures uint8[n, 28, 28], and which classes are right for each, bool[n, 10].

    Of photographs, the views that the service takes at them, uint8[n, k, 28, 28].
    """

    pixels: Pixels
    allowed: Allowed

    @classmethod
    def of(cls, pictures: Pictures) -> "Named":
        """Return labelled pictures, of which one class each is right."""
        return cls(pictures.pixels, np.eye(len(CLASS_NAMES), dtype=bool)[pictures.labels])


@dataclass(frozen=True)
class FashionData:
    """A data set: its name (`official` or `sample`), and the pictures to train and to test on."""

    name: str
    train: Pictures
    test: Pictures

    @property
    def sha256(self) -> dict[str, str]:
        """Return the digest of each file the pictures were read from."""
        return dict(KNOWN[self.name])


def load(data_dir: Path | None, quiet: bool = False) -> FashionData:
    """Return the data set in a folder, in FASHION_DATA_DIR, or else in the cache, downloaded.

    Raises:
        DataRefused: the files are missing, damaged or of no known set, or cannot be downloaded.
    """
    folder = data_dir or config.data_dir()
    if folder is None:
        folder = config.cache_dir()
        download(folder, quiet=quiet)
    name, arrays = read_folder(folder)
    train, test = (
        Pictures(arrays[f"{part}-images-idx3-ubyte.gz"], arrays[f"{part}-labels-idx1-ubyte.gz"])
        for part in ("train", "t10k")
    )
    return FashionData(name, train, test)
