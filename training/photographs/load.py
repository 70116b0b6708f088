"""Photographs as arrays to train on and to validate with; near-duplicates stay together."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.model_selection import GroupShuffleSplit

from service.errors import FashionError
from service.fashion_mnist import SIDE, Pixels
from training.data.dataset import MultiLabel
from training.photographs.duplicates import group
from training.photographs.folder import (
    FoundPhotographs,
    Photograph,
    PhotographsRefused,
    find_photographs,
)
from training.photographs.variations import PreparedPhotograph, prepare
from training.predict import VIEWS, flatten_views
from training.progress import track

Targets = npt.NDArray[np.float32]
"""How much each class is right for each picture, float32[n, 10]."""


@dataclass(frozen=True)
class PhotographArrays:
    """Photographs as arrays.

    `variants` are the pictures to train on, uint8[n, v, 28, 28], the first of each unchanged;
    `views` are those that the service predicts, uint8[n, 4, 28, 28].
    """

    variants: Pixels
    views: Pixels
    targets: Targets

    @property
    def unvaried(self) -> Pixels:
        """Return one picture of each, uint8[n, 28, 28]."""
        return self.variants[:, 0]

    def multi_label(self) -> MultiLabel:
        """Return the views with the classes that are right."""
        return MultiLabel(self.views, self.targets > 0)

    def flat(self) -> tuple[Pixels, Targets]:
        """Return every variant as a picture, uint8[n * v, 28, 28], with its targets."""
        repeated = np.repeat(self.targets, self.variants.shape[1], axis=0)
        return flatten_views(self.variants), repeated


@dataclass(frozen=True)
class PhotographSplit:
    """Photographs to train on and to validate with, and a report for the user.

    `out_of_distribution` are the views of photographs of none of the classes, uint8[n, 4, 28, 28].
    Only the out-of-distribution score is fitted to them.
    """

    train: PhotographArrays
    validation: PhotographArrays
    out_of_distribution: Pixels
    report: str


def load_photographs(
    folder: Path, mapping: Path | None, share: float, seed: int, quiet: bool = False
) -> PhotographSplit:
    """Return the photographs in the sub-folders of a folder, a share of them for validation.

    Near-duplicates lie on one side of the split.

    Raises:
        PhotographsRefused: there are no photographs or too few, or the mapping cannot be read.
    """
    found = find_photographs(folder, mapping)
    # These come last, because the variations of a photograph depend on its index.
    photographs = sorted(found.photographs, key=lambda one: one.is_out_of_distribution)
    prepared = track(prepare(photographs, seed), len(photographs), "photographs", quiet)
    outcomes = list(zip(photographs, prepared, strict=True))
    read = [(one, it) for one, it in outcomes if not isinstance(it, FashionError)]
    known = [(one, it) for one, it in read if not one.is_out_of_distribution]
    unknown = [it.views for one, it in read if one.is_out_of_distribution]
    sides = _split([it for _, it in known], share, seed)
    train, validation = (_arrays([known[index] for index in side]) for side in sides)
    return PhotographSplit(
        train,
        validation,
        np.array(unknown, np.uint8).reshape(-1, VIEWS, SIDE, SIDE),
        _report(found, outcomes),
    )


def _split(
    prepared: Sequence[PreparedPhotograph], share: float, seed: int
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    groups = group([one.fingerprint for one in prepared])
    if len(set(groups.tolist())) < 2:
        raise PhotographsRefused(
            "--extra-data has fewer than two different photographs: validation needs some."
        )
    splitter = GroupShuffleSplit(1, test_size=share, random_state=seed)
    train, validation = next(splitter.split(groups, groups=groups))
    return train, validation


def _arrays(known: Sequence[tuple[Photograph, PreparedPhotograph]]) -> PhotographArrays:
    return PhotographArrays(
        np.stack([prepared.variants for _, prepared in known]),
        np.stack([prepared.views for _, prepared in known]),
        np.stack([one.target for one, _ in known]),
    )


def _report(
    found: FoundPhotographs,
    outcomes: Sequence[tuple[Photograph, PreparedPhotograph | FashionError]],
) -> str:
    """Return what was read, what was skipped, and why."""
    failed = [(one, error) for one, error in outcomes if isinstance(error, FashionError)]
    read = Counter(one.label for one, it in outcomes if not isinstance(it, FashionError))
    lines = ["photographs: " + ", ".join(f"{count} {label}" for label, count in read.items())]
    lines += [f"skipped {one.path}: {error}" for one, error in failed]
    return "\n".join(lines + [f"left out {name}: {why}" for name, why in found.left_out.items()])
