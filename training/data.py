"""Pictures with their labels: found or downloaded, checked, and split."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.model_selection import train_test_split

from service.fashion import CLASS_NAMES, Pixels
from training import config
from training.config import OptionRefused
from training.download import download
from training.idx import KNOWN, read_folder

Labels = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Pictures:
    """Pictures uint8[n, 28, 28] and the class index of each, uint8[n]."""

    pixels: Pixels
    labels: Labels

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.labels)


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


def split(pictures: Pictures, share: float, seed: int) -> tuple[Pictures, Pictures]:
    """Split into pictures to learn from and a share to validate on, with all classes in both.

    Raises:
        OptionRefused: one side would be too small to hold a picture of each class.
    """
    held_out = round(len(pictures) * share)
    if not len(CLASS_NAMES) <= held_out <= len(pictures) - len(CLASS_NAMES):
        raise OptionRefused(
            f"--validation-share {share} keeps {held_out} of {len(pictures)} pictures aside: "
            f"at least {len(CLASS_NAMES)} are needed on both sides, one of each class."
        )
    chosen = train_test_split(
        np.arange(len(pictures)), test_size=held_out, stratify=pictures.labels, random_state=seed
    )
    learning, validation = (Pictures(pictures.pixels[i], pictures.labels[i]) for i in chosen)
    return learning, validation
