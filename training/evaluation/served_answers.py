"""What the service answers to pictures with one model file."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from service.fashion_mnist import Fit, Pixels, Rows
from service.model.classifier import Classifier
from service.model.confidence import Confidence
from service.model.examined import ExaminedModel
from service.model_file.agreement import LARGEST_BATCH
from service.model_file.examiner import examine
from training.predict import answer_all


class Verdicts(NamedTuple):
    """What is told of n pictures.

    `probabilities` is float32[n, 10]; `scores` float64[n], the stranger scores, all 0 if the file
    has no measure of strangers; `certain` is bool[n], the decisions by the service's own default.
    """

    probabilities: Rows
    scores: npt.NDArray[np.float64]
    certain: npt.NDArray[np.bool_]

    def chosen(self, which: npt.NDArray[np.bool_]) -> "Verdicts":
        """Return those of some of the pictures, bool[n]."""
        return Verdicts(self.probabilities[which], self.scores[which], self.certain[which])


class Judge:
    """Answers by the graph and the facts in a model file, as the service does.

    Raises:
        ModelRefused: the file may not serve.
    """

    def __init__(self, file: Path) -> None:
        examined = ExaminedModel.from_bytes(examine(file))
        self._classifier = Classifier(examined.graph)
        self._confidence = Confidence(examined.facts.confidence)

    def answer(self, pixels: Pixels, route: Fit) -> Verdicts:
        """Return what pictures that came by a route are said to be.

        Takes uint8[n, 28, 28], or views uint8[n, k, 28, 28] at photographs.
        """
        # In batches that are served too, and whose size the examiner has looked at.
        answers = answer_all(self._classifier.predict, pixels, LARGEST_BATCH)
        judged = [self._confidence.calibrate(one, route) for one in answers]
        return Verdicts(
            np.stack([one.probabilities for one in judged]),
            np.array([one.stranger_score or 0.0 for one in judged]),
            np.array([one.is_certain(float(one.probabilities.max())) for one in judged]),
        )
