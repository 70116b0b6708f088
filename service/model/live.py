"""The model that is served now."""

from datetime import UTC, datetime
from typing import Final

from service.fashion import Pixels, Rows
from service.model.batcher import Batcher
from service.model.classifier import Classifier
from service.model.examined import ExaminedModel
from service.settings import Settings

VERSION_LENGTH: Final = 12


class LiveModel:
    """An examined model with its graph loaded and warmed up, and the line before it.

    `version` is the beginning of the file's sha256 `digest`: short enough to read, and always
    the same for the same file.
    """

    def __init__(self, examined: ExaminedModel, settings: Settings) -> None:
        self._batcher = Batcher(
            Classifier(examined.graph).probabilities,
            most=settings.batch_size,
            line=settings.queue_length,
            wait=settings.batch_wait_ms / 1000,
        )
        self._most = settings.batch_size
        self.facts = examined.facts
        self.digest = examined.digest
        self.version = examined.digest[:VERSION_LENGTH]
        self.warnings = examined.warnings
        self.loaded_at = datetime.now(UTC).isoformat(timespec="seconds")

    async def probabilities(self, pixels: Pixels) -> Rows:
        """Return float32[n, 10], the softmax of each picture, for uint8[n, 28, 28].

        Raises:
            Overloaded: too many pictures are waiting already.
        """
        return await self._batcher.probabilities(pixels)
