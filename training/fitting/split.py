"""The data of a training: pictures to train on, to validate with and to test on."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Final

import numpy as np
from sklearn.model_selection import train_test_split

from service.fashion_mnist import CLASS_NAMES, Fit, Pixels, to_rows
from training.confidence.fit import CalibrationData
from training.confidence.synthetic_strangers import draw_photographed
from training.data.dataset import FashionData, Labels, Pictures
from training.fitting.augment import augment
from training.fitting.batches import PictureSource
from training.options.config import OptionRefused, TrainingConfig
from training.photographs.load import PhotographSplit, Targets

DRAWN: Final = 60
"""Synthetic pictures of each kind that join the user's own out-of-distribution photographs."""

SEED: Final = 7


@dataclass(frozen=True)
class DataSplit:
    """A data set in three parts, and photographs if there are any.

    `sha256` names the files that the pictures were read from, and the photographs as arrays.
    """

    name: str
    train: Pictures
    validation: Pictures
    test: Pictures
    sha256: dict[str, str]
    photographs: PhotographSplit | None = None

    @property
    def sets(self) -> dict[str, Pictures]:
        """Return the parts of the data set by name."""
        return {"train": self.train, "validation": self.validation, "test": self.test}

    def counts(self) -> dict[str, int]:
        """Return the number of pictures in each part, by name."""
        counts = {"train": len(self.train), "validation": len(self.validation)}
        if self.photographs:
            counts["photographs to train"] = len(self.photographs.train.targets)
            counts["photographs to validate"] = len(self.photographs.validation.targets)
            counts["strangers"] = len(self.photographs.out_of_distribution)
        return {**counts, "test": len(self.test)}


def split_data(
    config: TrainingConfig, data: FashionData, photographs: PhotographSplit | None = None
) -> DataSplit:
    """Keep a share of the training pictures for validation, and add photographs.

    Raises:
        OptionRefused: the validation share leaves too few pictures.
    """
    train, validation = split(data.train, config.validation_share, config.seed)
    digests = data.sha256
    if photographs:
        arrays = {
            "photographs": photographs.train.variants,
            "strangers": photographs.out_of_distribution,
        }
        digests |= {name: sha256(part.tobytes()).hexdigest() for name, part in arrays.items()}
    return DataSplit(data.name, train, validation, data.test, digests, photographs)


def split(pictures: Pictures, share: float, seed: int) -> tuple[Pictures, Pictures]:
    """Return pictures to train on and a share for validation, each with the same mix of classes.

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
    train, validation = (Pictures(pictures.pixels[i], pictures.labels[i]) for i in chosen)
    return train, validation


def sources(data: DataSplit, shape: tuple[int, ...], config: TrainingConfig) -> list[PictureSource]:
    """Return the pictures to train on, in the shape that the network takes."""
    change = augment if config.augment else None
    exact = _shaped(data.train.pixels, shape), _one_hot(data.train.labels)
    every = [PictureSource(*exact, augment=change)]
    if data.photographs:
        pixels, targets = data.photographs.train.flat()
        share = config.extra_share
        every.append(PictureSource(_shaped(pixels, shape), targets, share=share, augment=change))
    return every


def validation_data(data: DataSplit, shape: tuple[int, ...]) -> tuple[Targets, Targets]:
    """Return pictures and targets for validation, photographs among them.

    Each picture counts once: photographs are so few that a higher weight would add noise.
    """
    pixels, targets = data.validation.pixels, _one_hot(data.validation.labels)
    if data.photographs:
        photographs = data.photographs.validation
        pixels = np.concatenate([pixels, photographs.unvaried])
        targets = np.concatenate([targets, photographs.targets])
    return _shaped(pixels, shape), targets


def calibration_data(data: DataSplit) -> dict[Fit, CalibrationData]:
    """Return the pictures that confidence is fitted to; draws 240 out-of-distribution photographs.

    It draws, and cuts out, only if there are photographs, which takes some ten seconds.
    """
    train, validation = data.train.multi_label(), data.validation.multi_label()
    calibration: dict[Fit, CalibrationData] = {"exact": CalibrationData(train, validation)}
    if photographs := data.photographs:
        drawn = draw_photographed(DRAWN, SEED).values()
        calibration["photo"] = CalibrationData(
            photographs.train.multi_label(),
            photographs.validation.multi_label(),
            np.concatenate([photographs.out_of_distribution, *drawn]),
        )
    return calibration


def _shaped(pixels: Pixels, shape: tuple[int, ...]) -> Targets:
    return to_rows(pixels).reshape(-1, *shape)


def _one_hot(labels: Labels) -> Targets:
    return np.eye(len(CLASS_NAMES), dtype=np.float32)[labels]
