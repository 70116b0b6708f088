"""How good a model file is on photographs, and how well it detects pictures of anything else.

Photographs go through the service's own code and are predicted by the graph in the file, so the
figures are those that a client gets.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
from sklearn.metrics import roc_auc_score

from training.confidence.calibration import calibration_error, is_right
from training.confidence.synthetic_strangers import draw_exact, draw_photographed
from training.data.dataset import Allowed
from training.evaluation.evaluate import Predictions, Selection, ServedModel
from training.evaluation.photograph_set import PhotographSet

TOP: Final = 3
"""How many of the likeliest classes the column `of three` takes."""

DRAWN: Final = 100
"""Synthetic pictures of each kind."""

SEED: Final = 1
"""Differs from the seed of training, which sees other pictures of the same kinds."""


@dataclass(frozen=True)
class FolderScore:
    """Shares of photographs: a right class first, one among the first three, called certain."""

    pictures: int
    first: float
    among_three: float
    certain: float


@dataclass(frozen=True)
class OodDetection:
    """How well out-of-distribution pictures are told apart from known ones of the same kind.

    `auroc` is the chance that such a picture has a higher stranger score than a known one, 0.5 for
    a file that has no such score; `flagged` is the share that is called uncertain.
    """

    pictures: int
    auroc: float
    flagged: float


@dataclass(frozen=True)
class PhotographEvaluation:
    """The figures by folder, and by kind of out-of-distribution picture.

    `predictions` are for all photographs; `exact_certain` is the share of the test pictures that
    are called certain.
    """

    photographs: PhotographSet
    predictions: Predictions
    folders: Mapping[str, FolderScore]
    calibration_error: float
    exact_certain: float
    out_of_distribution: Mapping[str, OodDetection]

    def known(self) -> tuple[Predictions, Allowed]:
        """Return the predictions for photographs of the ten classes, with the right classes."""
        known = self.photographs.known
        return self.predictions.select(known), self.photographs.allowed[known]

    def as_json(self) -> dict[str, Any]:
        """Return the figures by name."""
        return {
            "folders": {name: asdict(one) for name, one in self.folders.items()},
            "calibration_error": self.calibration_error,
            "strangers": {name: asdict(one) for name, one in self.out_of_distribution.items()},
            "genuine_certain": self.exact_certain,
            "skipped": list(self.photographs.skipped),
        }

    def as_table(self) -> str:
        """Return a line for each folder and for each kind of out-of-distribution picture."""
        lines = [f"{'folder':<22}{'pictures':>10}{'first':>8}{'of three':>10}{'certain':>9}"]
        for name, one in self.folders.items():
            lines.append(
                f"{name:<22}{one.pictures:>10}{one.first:>8.3f}{one.among_three:>10.3f}"
                f"{one.certain:>9.3f}"
            )
        lines += [f"calibration error {self.calibration_error:.3f}", ""]
        lines += [f"{'strangers':<22}{'pictures':>10}{'AUROC':>8}{'uncertain':>11}"]
        for name, score in self.out_of_distribution.items():
            lines.append(f"{name:<22}{score.pictures:>10}{score.auroc:>8.3f}{score.flagged:>11.3f}")
        lines += [f"test pictures called certain: {self.exact_certain:.3f}"]
        return "\n".join([*self.photographs.skipped, *lines])


def evaluate_on_photographs(
    model: ServedModel, photographs: PhotographSet, exact: Predictions
) -> PhotographEvaluation:
    """Measure a model on photographs, and on photographs and exact pictures of anything else.

    `exact` are the model's predictions for the test set.
    """
    predictions = model.predict(photographs.views, "photo")
    known = predictions.select(photographs.known)
    labels = dict.fromkeys(
        one.label for one in photographs.photographs if not one.is_out_of_distribution
    )
    folders = {
        label: _folder_score(photographs, predictions, photographs.labelled(label))
        for label in labels
    }
    return PhotographEvaluation(
        photographs,
        predictions,
        {**folders, "all": _folder_score(photographs, predictions, photographs.known)},
        calibration_error(known.probabilities, photographs.allowed[photographs.known]),
        float(exact.certain.mean()),
        _ood_detections(model, photographs, predictions, exact),
    )


def _folder_score(
    photographs: PhotographSet, predictions: Predictions, selection: Selection
) -> FolderScore:
    allowed, probabilities = photographs.allowed[selection], predictions.probabilities[selection]
    return FolderScore(
        pictures=len(probabilities),
        first=float(is_right(probabilities, allowed).mean()),
        among_three=float(is_right(probabilities, allowed, TOP).mean()),
        certain=float(predictions.certain[selection].mean()),
    )


def _ood_detections(
    model: ServedModel, photographs: PhotographSet, predictions: Predictions, exact: Predictions
) -> dict[str, OodDetection]:
    """Return the figures of each folder of none of the classes, and of each synthetic kind."""
    known = predictions.select(photographs.known)
    labels = dict.fromkeys(
        one.label for one in photographs.photographs if one.is_out_of_distribution
    )
    scores = {
        label: _ood_detection(predictions.select(photographs.labelled(label)), known)
        for label in labels
    }
    for kind, views in draw_photographed(DRAWN, SEED).items():
        scores[f"{kind}, photographed"] = _ood_detection(model.predict(views, "photo"), known)
    for kind, pixels in draw_exact(DRAWN, SEED).items():
        scores[f"{kind}, 28×28"] = _ood_detection(model.predict(pixels, "exact"), exact)
    return scores


def _ood_detection(unknown: Predictions, known: Predictions) -> OodDetection:
    scores = np.concatenate([unknown.stranger_scores, known.stranger_scores])
    truth = np.arange(len(scores)) < len(unknown.stranger_scores)
    return OodDetection(
        pictures=len(unknown.stranger_scores),
        auroc=float(roc_auc_score(truth, scores)),
        flagged=1 - float(unknown.certain.mean()),
    )
