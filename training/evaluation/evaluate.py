"""How good a model is: its predictions, as the service makes them, and their accuracy and loss."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from sklearn.metrics import accuracy_score, log_loss

from service.fashion_mnist import CLASS_NAMES, Fit, Pixels, Rows
from service.model.classifier import Classifier
from service.model.confidence import CLASSES, Confidence
from service.model.examined import ExaminedModel
from service.model.facts import Measured
from service.model_file.agreement import LARGEST_BATCH
from service.model_file.examiner import examine
from training.data.dataset import Labels
from training.predict import predict_all

Selection = npt.NDArray[np.bool_]
"""Some of n pictures, bool[n]."""


class Predictions(NamedTuple):
    """Predictions for n pictures.

    `uncalibrated` and `probabilities` are float32[n, 10], `stranger_scores` float64[n], all 0 if
    the file has no out-of-distribution score. `certain` is bool[n]: whether the decision is
    `certain` with the service's default settings.
    """

    uncalibrated: Rows
    probabilities: Rows
    stranger_scores: npt.NDArray[np.float64]
    certain: Selection

    def select(self, which: Selection) -> "Predictions":
        """Return the predictions for some of the pictures."""
        return Predictions(
            self.uncalibrated[which],
            self.probabilities[which],
            self.stranger_scores[which],
            self.certain[which],
        )


class ServedModel:
    """A model file that predicts by its graph and its calibration, as the service does.

    Raises:
        ModelRefused: the file may not serve.
    """

    def __init__(self, file: Path) -> None:
        examined = ExaminedModel.from_bytes(examine(file))
        self._classifier = Classifier(examined.graph)
        self._confidence = Confidence(examined.facts.confidence)

    def predict(self, pixels: Pixels, fit: Fit) -> Predictions:
        """Predict exact pictures uint8[n, 28, 28] or photographs' views uint8[n, k, 28, 28]."""
        # Batches no larger than those that the service makes and the examiner has checked.
        answers = predict_all(self._classifier.predict, pixels, LARGEST_BATCH)
        calibrated = [self._confidence.calibrate(one, fit) for one in answers]
        return Predictions(
            answers[:, :CLASSES],
            np.stack([one.probabilities for one in calibrated]),
            np.array([one.stranger_score or 0.0 for one in calibrated]),
            np.array([one.is_certain(float(one.probabilities.max())) for one in calibrated]),
        )


@dataclass(frozen=True)
class Score:
    """Accuracy, a share of 1, and mean cross-entropy in nats."""

    accuracy: float
    loss: float
    pictures: int


@dataclass(frozen=True)
class Evaluation:
    """The score of all pictures, and that of each class by its name."""

    overall: Score
    per_class: dict[str, Score]

    def measured(self) -> Measured:
        """Return what a model file keeps of it."""
        accuracies = {name: score.accuracy for name, score in self.per_class.items()}
        return Measured(
            accuracy=self.overall.accuracy, loss=self.overall.loss, per_class=accuracies
        )

    def as_table(self) -> str:
        """Return a line for each class, and one for all of them."""
        lines = [f"{'class':<12}{'pictures':>10}{'accuracy':>10}{'loss':>10}"]
        for name, score in {**self.per_class, "all": self.overall}.items():
            lines.append(
                f"{name:<12}{score.pictures:>10}{score.accuracy:>10.4f}{score.loss:>10.4f}"
            )
        return "\n".join(lines)

    def as_json(self) -> dict[str, Any]:
        """Return the overall score's fields, and `per_class` with the same fields by class name."""
        per_class = {name: asdict(score) for name, score in self.per_class.items()}
        return {**asdict(self.overall), "per_class": per_class}


def evaluate(probabilities: Rows, labels: Labels) -> Evaluation:
    """Compare uncalibrated probabilities float32[n, 10] with the labels uint8[n]."""
    exact = probabilities.astype(np.float64)
    exact /= exact.sum(axis=1, keepdims=True)  # log_loss warns if float32 rounding shows
    return Evaluation(
        overall=_score(exact, labels),
        per_class={
            name: _score(exact[labels == index], labels[labels == index])
            for index, name in enumerate(CLASS_NAMES)
        },
    )


def _score(probabilities: npt.NDArray[np.float64], labels: Labels) -> Score:
    return Score(
        accuracy=float(accuracy_score(labels, probabilities.argmax(axis=1))),
        loss=float(log_loss(labels, probabilities, labels=range(len(CLASS_NAMES)))),
        pictures=len(labels),
    )
