"""How well a network does: accuracy and loss, overall and class by class."""

from dataclasses import asdict, dataclass
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from sklearn.metrics import accuracy_score, log_loss

from service.errors import FashionError
from service.fashion_mnist import CLASS_NAMES
from service.model.facts import Measured
from training.data.dataset import Labels, Pictures
from training.predict import answers

Probabilities = npt.NDArray[np.float64]


class TrainingFailed(FashionError):
    """A training that led nowhere; the message says why and what to change."""


@dataclass(frozen=True)
class Score:
    """Share of pictures named rightly, and the cross-entropy in nats, over `pictures` pictures."""

    accuracy: float
    loss: float
    pictures: int


@dataclass(frozen=True)
class Evaluation:
    """The score over all pictures, and over those of each class by its name."""

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


def evaluate(model: keras.Model, pictures: Pictures) -> Evaluation:
    """Compare the answers of a network, dropout off, with the labels of pictures.

    Raises:
        TrainingFailed: an answer is not a number.
    """
    found = _probabilities(model, pictures)
    labels = pictures.labels
    return Evaluation(
        overall=_score(labels, found),
        per_class={
            name: _score(labels[labels == index], found[labels == index])
            for index, name in enumerate(CLASS_NAMES)
        },
    )


def _probabilities(model: keras.Model, pictures: Pictures) -> Probabilities:
    exact = answers(model, pictures.pixels).astype(np.float64)
    if not np.isfinite(exact).all():
        raise TrainingFailed(
            "The network answers with what is not a number: it was led astray by too large "
            "steps, so train it again with a smaller --learning-rate."
        )
    # In double precision the sums of ten float32 are a hair beside 1, which log_loss warns of.
    normalized: Probabilities = exact / exact.sum(axis=1, keepdims=True)
    return normalized


def _score(labels: Labels, found: Probabilities) -> Score:
    classes: Any = range(len(CLASS_NAMES))
    return Score(
        accuracy=float(accuracy_score(labels, found.argmax(axis=1))),
        loss=float(log_loss(labels, found, labels=classes)),
        pictures=len(labels),
    )
