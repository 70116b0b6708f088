"""The model that is served now."""

from datetime import UTC, datetime
from typing import Final

from service.fashion import Rows
from service.model.classifier import Classifier
from service.model.examined import ExaminedModel

VERSION_LENGTH: Final = 12


class LiveModel:
    """An examined model with its graph loaded and warmed up.

    `version` is the beginning of the file's sha256 `digest`: short enough to read, and always
    the same for the same file.
    """

    def __init__(self, examined: ExaminedModel) -> None:
        self._classifier = Classifier(examined.graph)
        self.facts = examined.facts
        self.digest = examined.digest
        self.version = examined.digest[:VERSION_LENGTH]
        self.warnings = examined.warnings
        self.loaded_at = datetime.now(UTC).isoformat(timespec="seconds")

    def probabilities(self, rows: Rows) -> Rows:
        """Return float32[n, 10], the softmax of each row, for float32[n, 784] in [0, 1]."""
        return self._classifier.probabilities(rows)
