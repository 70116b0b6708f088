"""Photographs to learn from beside the data set: found, cut out, and split without leakage."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.model_selection import GroupShuffleSplit

from service.errors import FashionError
from service.fashion_mnist import SIDE, Pixels
from training.data.dataset import Named
from training.photographs.duplicates import group
from training.photographs.folder import Found, Photograph, PhotographsRefused, find_photographs
from training.photographs.variations import Cutout, cut_out
from training.predict import VIEWS
from training.progress import progress_bars

Targets = npt.NDArray[np.float32]
"""How much each class is right for each picture, float32[n, 10]."""


@dataclass(frozen=True)
class Cut:
    """Photographs as pictures uint8[n, v, 28, 28], v of each, and what is right for each.

    `views` are those that the service takes at each, uint8[n, k, 28, 28].
    """

    pixels: Pixels
    views: Pixels
    targets: Targets

    @property
    def plain(self) -> Pixels:
        """Return the first picture of each, uint8[n, 28, 28], in no way varied."""
        return self.pixels[:, 0]

    @property
    def named(self) -> Named:
        """Return the views with which classes are right for each."""
        return Named(self.views, self.targets > 0)

    @property
    def all(self) -> tuple[Pixels, Targets]:
        """Return every picture, uint8[n * v, 28, 28], with its targets."""
        varied = self.pixels.shape[1]
        return np.concatenate(self.pixels), np.repeat(self.targets, varied, axis=0)


@dataclass(frozen=True)
class Extra:
    """Photographs, to learn from and to judge by, and what was taken, in words.

    `strangers` are views of those of none of the classes, uint8[n, k, 28, 28]: no network learns
    from them, but what is strange to it does.
    """

    learning: Cut
    validation: Cut
    strangers: Pixels
    report: str


def load_extra(
    folder: Path, mapping: Path | None, share: float, seed: int, quiet: bool = False
) -> Extra:
    """Return the photographs in the sub-folders of a folder, a share of them to judge by.

    Photographs that are nearly the same lie on one side of the split.

    Raises:
        PhotographsRefused: there are none, too few, or the mapping cannot be read.
    """
    found = find_photographs(folder, mapping)
    # Strangers last: how a photograph of the classes is varied goes by its place among them.
    photographs = sorted(found.photographs, key=lambda one: one.is_stranger)
    both = list(zip(photographs, _cut_all(photographs, seed, quiet), strict=True))
    taken = [(one, cutout) for one, cutout in both if isinstance(cutout, Cutout)]
    known = [(one, cutout) for one, cutout in taken if not one.is_stranger]
    strange = [cutout.views for one, cutout in taken if one.is_stranger]
    sides = _split([cutout for _, cutout in known], share, seed)
    learning, validation = (_gather([known[place] for place in side]) for side in sides)
    strangers = np.array(strange, np.uint8).reshape(-1, VIEWS, SIDE, SIDE)
    return Extra(learning, validation, strangers, _report(found, both))


def _cut_all(
    photographs: Sequence[Photograph], seed: int, quiet: bool
) -> list[Cutout | FashionError]:
    with progress_bars(quiet) as bars:
        task = bars.add_task("photographs", total=len(photographs), figures="")
        done = []
        for one in cut_out(photographs, seed):
            done.append(one)
            bars.advance(task)
    return done


def _split(
    cutouts: Sequence[Cutout], share: float, seed: int
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    groups = group([cutout.fingerprint for cutout in cutouts])
    if len(set(groups.tolist())) < 2:
        raise PhotographsRefused(
            "--extra-data has fewer than two photographs that differ: some are kept to judge by."
        )
    splitter = GroupShuffleSplit(1, test_size=share, random_state=seed)
    learning, validation = next(splitter.split(groups, groups=groups))
    return learning, validation


def _gather(known: Sequence[tuple[Photograph, Cutout]]) -> Cut:
    pixels = np.stack([cutout.pixels for _, cutout in known])
    views = np.stack([cutout.views for _, cutout in known])
    return Cut(pixels, views, np.stack([one.target for one, _ in known]))


def _report(found: Found, both: Sequence[tuple[Photograph, Cutout | FashionError]]) -> str:
    """Return in words what was taken and what was not, and why."""
    taken = Counter(one.label for one, outcome in both if isinstance(outcome, Cutout))
    counts = ", ".join(f"{count} {label}" for label, count in taken.items())
    skipped = [
        f"skipped {one.path}: {outcome}"
        for one, outcome in both
        if isinstance(outcome, FashionError)
    ]
    lines = [f"left out {name}: {why}" for name, why in found.left_out.items()]
    return "\n".join([f"photographs: {counts}", *skipped, *lines])
