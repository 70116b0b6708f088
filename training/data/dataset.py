"""Fashion-MNIST as arrays: pictures with their labels, to train on and to test on."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from service.fashion_mnist import CLASS_NAMES, Pixels
from training.data.download import download
from training.data.idx import KNOWN, read_folder

Labels = npt.NDArray[np.uint8]

Allowed = npt.NDArray[np.bool_]
"""Which classes are right for each picture, bool[n, 10]: one or several."""


@dataclass(frozen=True)
class MultiLabel:
    """Pictures uint8[n, 28, 28] and the classes that are right for each, bool[n, 10].

    For photographs, `pixels` are the views of each, uint8[n, k, 28, 28].
    """

    pixels: Pixels
    allowed: Allowed


@dataclass(frozen=True)
class Pictures:
    """Pictures uint8[n, 28, 28] and the class index of each, uint8[n]."""

    pixels: Pixels
    labels: Labels

    def __len__(self) -> int:
        """Return the number of pictures."""
        return len(self.labels)

    def multi_label(self) -> MultiLabel:
        """Return the same with the labels one-hot."""
        return MultiLabel(self.pixels, np.eye(len(CLASS_NAMES), dtype=bool)[self.labels])


@dataclass(frozen=True)
class FashionData:
    """A data set: its name (`official` or `sample`), and the pictures to train and to test on."""

    name: str
    train: Pictures
    test: Pictures

    @property
    def sha256(self) -> dict[str, str]:
        """Return the sha256 of each file the pictures come from."""
        return dict(KNOWN[self.name])


def load(folder: Path, fetch: bool = False, quiet: bool = False) -> FashionData:
    """Return the data set in a folder; with `fetch`, download missing files into it first.

    Raises:
        DataRefused: a file is missing, damaged, unknown, or cannot be downloaded.
    """
    if fetch:
        download(folder, quiet=quiet)
    name, arrays = read_folder(folder)
    train, test = (
        Pictures(arrays[f"{part}-images-idx3-ubyte.gz"], arrays[f"{part}-labels-idx1-ubyte.gz"])
        for part in ("train", "t10k")
    )
    return FashionData(name, train, test)
