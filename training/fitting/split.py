"""What a network learns from and is judged by: the data set's pictures, and photographs beside."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Final

import numpy as np
from sklearn.model_selection import train_test_split

from service.fashion_mnist import CLASS_NAMES, Fit, Pixels, to_rows
from training.confidence.fit import Known
from training.confidence.synthetic_strangers import photographed_strangers
from training.data.dataset import FashionData, Labels, Named, Pictures
from training.fitting.augment import augment
from training.fitting.batches import Source
from training.options.config import OptionRefused, TrainingConfig
from training.photographs.load import Extra, Targets

DRAWN: Final = 60
"""How many strangers of each kind are drawn beside those in the photographs."""

SEED: Final = 7


@dataclass(frozen=True)
class Lesson:
    """The pictures to learn from and those kept aside, and the same of photographs, if any."""

    learning: Pictures
    validation: Pictures
    extra: Extra | None = None

    @property
    def pictures(self) -> dict[str, int]:
        """Return how many of each there are, by name."""
        counts = {"train": len(self.learning), "validation": len(self.validation)}
        if self.extra:
            counts["photographs to train"] = len(self.extra.learning.targets)
            counts["photographs to validate"] = len(self.extra.validation.targets)
            counts["strangers"] = len(self.extra.strangers)
        return counts

    @property
    def sha256(self) -> dict[str, str]:
        """Return the digest of the photographs as they are learned from; nothing without any."""
        if self.extra is None:
            return {}
        parts = {"photographs": self.extra.learning.pixels, "strangers": self.extra.strangers}
        return {name: sha256(part.tobytes()).hexdigest() for name, part in parts.items()}

    def known(self) -> dict[Fit, Known]:
        """Return the pictures that confidence is fitted on, by the route they come."""
        known: dict[Fit, Known] = {
            "exact": Known(Named.of(self.learning), Named.of(self.validation))
        }
        if self.extra:
            drawn = photographed_strangers(DRAWN, SEED).values()
            known["photo"] = Known(
                self.extra.learning.named,
                self.extra.validation.named,
                np.concatenate([self.extra.strangers, *drawn]),
            )
        return known


def make_lesson(config: TrainingConfig, data: FashionData, extra: Extra | None) -> Lesson:
    """Return the pictures of a data set, split, with photographs beside.

    Raises:
        OptionRefused: the validation share leaves too few pictures.
    """
    learning, validation = split(data.train, config.validation_share, config.seed)
    return Lesson(learning, validation, extra)


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


def sources(lesson: Lesson, shape: tuple[int, ...], config: TrainingConfig) -> list[Source]:
    """Return what a network learns from, in the shape that it takes, changed if that is wanted."""
    change = augment if config.augment else None
    genuine = Source(_shaped(lesson.learning.pixels, shape), _one_hot(lesson.learning.labels))
    found = [Source(genuine.rows, genuine.targets, change=change)]
    if lesson.extra:
        pixels, targets = lesson.extra.learning.all
        share = config.extra_share
        found.append(Source(_shaped(pixels, shape), targets, share=share, change=change))
    return found


def validation_data(lesson: Lesson, shape: tuple[int, ...]) -> tuple[Targets, Targets]:
    """Return pictures and targets to judge by, those of photographs among them.

    Each picture counts once: the few photographs, given more weight, would choose by chance.
    """
    pixels, targets = lesson.validation.pixels, _one_hot(lesson.validation.labels)
    if lesson.extra:
        beside = lesson.extra.validation
        pixels = np.concatenate([pixels, beside.plain])
        targets = np.concatenate([targets, beside.targets])
    return _shaped(pixels, shape), targets


def _shaped(pixels: Pixels, shape: tuple[int, ...]) -> Targets:
    return to_rows(pixels).reshape(-1, *shape)


def _one_hot(labels: Labels) -> Targets:
    return np.eye(len(CLASS_NAMES), dtype=np.float32)[labels]
