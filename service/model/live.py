"""The model that is served now, and how a new one replaces it."""

from datetime import UTC, datetime
from functools import partial
from typing import Final

from service.fashion_mnist import Pixels, Rows
from service.model.batcher import Batcher
from service.model.classifier import Classifier
from service.model.confidence import Confidence
from service.model.examined import ExaminedModel
from service.model.file_status import FileStatus

VERSION_LENGTH: Final = 12


class LoadedModel:
    """An examined model whose graph is loaded and warmed up behind a batcher.

    `digest` is the file's sha256, and `version` its first 12 digits. `confidence` calibrates each
    row of the output.

    Raises:
        ModelRefused: the graph does not load.
    """

    def __init__(
        self, examined: ExaminedModel, *, batch_size: int = 64, queue_length: int = 1024
    ) -> None:
        self._batcher = Batcher(
            Classifier(examined.graph).predict, batch_size=batch_size, queue_length=queue_length
        )
        self.confidence = Confidence(examined.facts.confidence)
        self.facts = examined.facts
        self.digest = examined.digest
        self.version = examined.digest[:VERSION_LENGTH]
        self.warnings = examined.warnings
        self.loaded_at = datetime.now(UTC).isoformat(timespec="seconds")

    async def predict(self, pixels: Pixels) -> Rows:
        """Return float32[n, 10 or more] for uint8[n, 28, 28]: the graph's output, uncalibrated.

        Raises:
            Overloaded: too many pictures are waiting.
        """
        return await self._batcher.predict(pixels)


class LiveModel:
    """Holds the `current` model, and the status of the file at the model's path.

    A request takes `current` once and keeps it to the end. A swap is one assignment, so requests
    in flight finish on the model they started with.
    """

    def __init__(
        self, examined: ExaminedModel, *, batch_size: int = 64, queue_length: int = 1024
    ) -> None:
        self._load = partial(LoadedModel, batch_size=batch_size, queue_length=queue_length)
        self.current = self._load(examined)
        self.file_status = FileStatus()

    def swap(self, examined: ExaminedModel) -> None:
        """Load and warm up another model, then make it the current one.

        Takes a few milliseconds and may be called from any thread.

        Raises:
            ModelRefused: the graph does not load; the current model stays.
        """
        self.current = self._load(examined)
