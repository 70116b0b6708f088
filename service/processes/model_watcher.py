"""Watches the model file; the supervisor alone examines it and keeps the served model.

So all workers answer with the same model. A replacement worker gets it too, even if the file has
changed since.
"""

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Self

from service.errors import ModelRefused
from service.logs import fields
from service.model.file_status import FileStatus
from service.model_file.examiner import ExaminerLimits, examine

if TYPE_CHECKING:
    from service.config.settings import Settings

logger = logging.getLogger("service")


class ModelWatcher:
    """Keeps the bytes of the served model, and examines each new file in a thread.

    `busy` is true from `begin` until `take`, and `done` once the examination has ended, when
    `wake_up` is called too. The workers need `model` and `file_status`.
    """

    def __init__(self, path: Path, limits: ExaminerLimits, wake_up: Callable[[], None]) -> None:
        self.model = b""
        self.file_status = FileStatus()
        self.busy = False
        self.done = False
        self._path = path
        self._limits = limits
        self._wake_up = wake_up
        self._examined = self._seen = self._signature()
        self._outcome: bytes | ModelRefused = b""

    @classmethod
    def from_settings(cls, settings: "Settings", wake_up: Callable[[], None]) -> Self:
        """Watch the path that the settings name."""
        limits = ExaminerLimits(
            pinned=settings.model_sha256,
            seconds=settings.examine_seconds,
            memory_mib=settings.examine_memory_mib,
            keras_memory_mib=settings.examine_keras_memory_mib,
        )
        return cls(settings.model_path, limits, wake_up)

    def examine_first(self) -> None:
        """Examine the file that the service starts with.

        Raises:
            ModelRefused: the file may not serve.
        """
        self.model = examine(self._path, self._limits)

    def look(self) -> None:
        """Examine the file if it is a new one and has not changed since the last look."""
        signature = self._signature()
        settled, self._seen = signature == self._seen, signature
        if settled and signature != self._examined and not self.busy:
            self.begin()

    def begin(self) -> None:
        """Start to examine the file; no examination may be running."""
        self.busy = True
        self._examined = self._signature()
        threading.Thread(target=self._examine, daemon=True).start()

    def take(self) -> bool:
        """Take over the outcome of the examination; return whether the model has changed."""
        self.busy = self.done = False
        if isinstance(self._outcome, ModelRefused):
            self._refuse(self._outcome)
            return False
        changed = self._outcome != self.model
        self.model = self._outcome
        self.file_status = FileStatus(refusals=self.file_status.refusals)
        return changed

    def _refuse(self, refusal: ModelRefused) -> None:
        last, digest, reason = self.file_status, refusal.digest, str(refusal)
        if (digest, reason) == (last.digest, last.reason):
            return  # counted and logged already
        self.file_status = FileStatus(digest, reason, last.refusals + 1)
        logger.error("a model file was refused", extra=fields(reason=reason, digest=digest))

    def _examine(self) -> None:
        try:
            self._outcome = examine(self._path, self._limits)
        except ModelRefused as refusal:
            self._outcome = refusal
        except Exception as error:  # for example no memory for the child process
            self._outcome = ModelRefused(f"The model {self._path} cannot be examined: {error}.")
        self.done = True
        self._wake_up()

    def _signature(self) -> tuple[int, ...] | None:
        """Return what changes when another file is put at the path; None if there is no file."""
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns
