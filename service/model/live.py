"""The model that is served now, and how another takes its place."""

from datetime import UTC, datetime
from typing import Final

from service.fashion_mnist import Pixels, Rows
from service.model.batcher import Batcher
from service.model.classifier import Classifier
from service.model.confidence import Confidence
from service.model.examined import ExaminedModel
from service.model.file_status import FileStatus

VERSION_LENGTH: Final = 12


class LoadedModel:
    """An examined model with its graph loaded and warmed up, and the line before it.

    `version` is the beginning of the file's sha256 `digest`: short enough to read, and always
    the same for the same file. `confidence` judges its answers.

    Raises:
        ModelRefused: the graph does not load.
    """

    def __init__(
        self, examined: ExaminedModel, *, batch_size: int = 64, queue_length: int = 1024
    ) -> None:
        self._batcher = Batcher(
            Classifier(examined.graph).answer, most=batch_size, line=queue_length
        )
        self.confidence = Confidence(examined.facts.confidence)
        self.facts = examined.facts
        self.digest = examined.digest
        self.version = examined.digest[:VERSION_LENGTH]
        self.warnings = examined.warnings
        self.loaded_at = datetime.now(UTC).isoformat(timespec="seconds")

    async def answer(self, pixels: Pixels) -> Rows:
        """Return float32[n, 10 or more], which `confidence` judges row by row.

        Raises:
            Overloaded: too many pictures are waiting already.
        """
        return await self._batcher.answer(pixels)


class LiveModel:
    """Holds the `current` model, and what became of the last `candidate` to follow it.

    Whoever answers a request takes `current` once and keeps it to the end: a swap is one
    assignment, and requests under way finish on the model that they began with.
    """

    def __init__(
        self, examined: ExaminedModel, *, batch_size: int = 64, queue_length: int = 1024
    ) -> None:
        self._sizes = {"batch_size": batch_size, "queue_length": queue_length}
        self.current = LoadedModel(examined, **self._sizes)
        self.file_status = FileStatus()

    def swap(self, examined: ExaminedModel) -> None:
        """Load another model beside the current one, warm it up, and put it in its place.

        Takes some milliseconds and may be called from any thread.

        Raises:
            ModelRefused: the graph does not load; the current model stays.
        """
        self.current = LoadedModel(examined, **self._sizes)
