"""How well a model file does on people's own photographs, and whether it knows strangers.

Every photograph goes the very way of an upload, and is answered by the graph in the file: what is
measured is what a client of the service gets.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from sklearn.metrics import roc_auc_score

from service.fashion_mnist import Pixels
from training.confidence.calibration import calibration_error, is_right
from training.confidence.synthetic_strangers import genuine_strangers, photographed_strangers
from training.evaluation.photograph_set import Album, Chosen
from training.evaluation.served_answers import Judge, Verdicts

AMONG: Final = 3
"""Among how many of the likeliest classes a right one is looked for, beside the likeliest."""

DRAWN: Final = 100
"""How many strangers of each kind are drawn."""

SEED: Final = 1
"""Another one than training draws strangers by."""


@dataclass(frozen=True)
class Shares:
    """Shares of photographs: a right class first, one among the first three, called certain."""

    pictures: int
    first: float
    among_three: float
    certain: float


@dataclass(frozen=True)
class Told:
    """How strangers are told from what is known.

    `auroc` is the chance that a stranger has a higher score than a known picture that came the same
    way, one half for a file that cannot tell; `flagged` is the share that is called uncertain.
    """

    pictures: int
    auroc: float
    flagged: float


@dataclass(frozen=True)
class Appraisal:
    """What was measured, by the names of folders and by the kinds of strangers.

    `verdicts` are those of the whole album, in its order; `genuine_certain` is the share of genuine
    pictures that are called certain.
    """

    album: Album
    verdicts: Verdicts
    folders: Mapping[str, Shares]
    calibration_error: float
    genuine_certain: float
    strangers: Mapping[str, Told]

    def as_json(self) -> dict[str, Any]:
        """Return the same as numbers by name, without the pictures."""
        return {
            "folders": {name: asdict(one) for name, one in self.folders.items()},
            "calibration_error": self.calibration_error,
            "strangers": {name: asdict(one) for name, one in self.strangers.items()},
            "genuine_certain": self.genuine_certain,
            "skipped": list(self.album.skipped),
        }

    def as_table(self) -> str:
        """Return a line for each folder and for each kind of stranger."""
        lines = [f"{'folder':<22}{'pictures':>10}{'first':>8}{'of three':>10}{'certain':>9}"]
        for name, one in self.folders.items():
            lines.append(
                f"{name:<22}{one.pictures:>10}{one.first:>8.3f}{one.among_three:>10.3f}"
                f"{one.certain:>9.3f}"
            )
        lines += [f"calibration error {self.calibration_error:.3f}", ""]
        lines += [f"{'strangers':<22}{'pictures':>10}{'AUROC':>8}{'uncertain':>11}"]
        for name, told in self.strangers.items():
            lines.append(f"{name:<22}{told.pictures:>10}{told.auroc:>8.3f}{told.flagged:>11.3f}")
        lines += [f"genuine pictures called certain: {self.genuine_certain:.3f}"]
        return "\n".join([*self.album.skipped, *lines])


def appraise(file: Path, album: Album, genuine: Pixels) -> Appraisal:
    """Measure a model file on photographs, and on strangers among them and among genuine pictures.

    Raises:
        ModelRefused: the file may not serve.
    """
    judge = Judge(file)
    verdicts, usual = judge.answer(album.views, "photo"), judge.answer(genuine, "exact")
    known = verdicts.chosen(album.known)
    labels = list(dict.fromkeys(one.label for one in album.photographs if not one.is_stranger))
    folders = {label: _shares(album, verdicts, album.labelled(label)) for label in labels}
    return Appraisal(
        album,
        verdicts,
        {**folders, "all": _shares(album, verdicts, album.known)},
        calibration_error(known.probabilities, album.allowed[album.known]),
        float(usual.certain.mean()),
        {
            **_strangers_found(album, verdicts, known),
            **_strangers_photographed(judge, known),
            **_strangers_drawn(judge, usual),
        },
    )


def _shares(album: Album, verdicts: Verdicts, chosen: Chosen) -> Shares:
    allowed, found = album.allowed[chosen], verdicts.probabilities[chosen]
    return Shares(
        pictures=len(found),
        first=float(is_right(found, allowed).mean()),
        among_three=float(is_right(found, allowed, AMONG).mean()),
        certain=float(verdicts.certain[chosen].mean()),
    )


def _strangers_found(album: Album, verdicts: Verdicts, known: Verdicts) -> dict[str, Told]:
    labels = dict.fromkeys(one.label for one in album.photographs if one.is_stranger)
    return {label: _told(verdicts.chosen(album.labelled(label)), known) for label in labels}


def _strangers_photographed(judge: Judge, known: Verdicts) -> dict[str, Told]:
    return {
        f"{name}, photographed": _told(judge.answer(views, "photo"), known)
        for name, views in photographed_strangers(DRAWN, SEED).items()
    }


def _strangers_drawn(judge: Judge, known: Verdicts) -> dict[str, Told]:
    return {
        f"{name}, 28×28": _told(judge.answer(pixels, "exact"), known)
        for name, pixels in genuine_strangers(DRAWN, SEED).items()
    }


def _told(strange: Verdicts, known: Verdicts) -> Told:
    scores = np.concatenate([strange.scores, known.scores])
    truth = np.arange(len(scores)) < len(strange.scores)
    auroc = float(roc_auc_score(truth, scores))
    return Told(len(strange.scores), auroc, 1 - float(strange.certain.mean()))
