"""The one owner of the model that is served.

The supervisor alone looks at the path and has files examined, so all workers answer with the same
model, and a worker that is replaced gets it whatever lies at the path by then.
"""

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from service.errors import ModelRefused
from service.logs import fields
from service.model.file_status import Candidate
from service.model_file.examiner import Limits, examine

logger = logging.getLogger("service")


class ModelOwner:
    """Keeps the bytes of the model that is served, and has each new file examined.

    An examination runs in a thread: `busy` from `begin` on, and `done` when it has ended, of which
    `wake` tells; `take` then takes its outcome over. `model` and `candidate` are what workers must
    know.
    """

    def __init__(self, path: Path, limits: Limits, wake: Callable[[], None]) -> None:
        self.model = b""
        self.candidate = Candidate()
        self._path = path
        self._limits = limits
        self._wake = wake
        self._examined = self._seen = self._signature()
        self.busy = False
        self.done = False
        self._outcome: bytes | ModelRefused = b""

    def examine_first(self) -> None:
        """Examine the file that the service starts with.

        Raises:
            ModelRefused: it may not serve; to answer with another would be a lie.
        """
        self.model = examine(self._path, self._limits)

    def look(self) -> None:
        """Have the file examined if it is another one, and has not changed since the last look."""
        signature = self._signature()
        settled, self._seen = signature == self._seen, signature
        if settled and signature != self._examined and not self.busy:
            self.begin()

    def begin(self) -> None:
        """Have the file examined now; none must be under way."""
        self.busy = True
        self._examined = self._signature()
        threading.Thread(target=self._examine, daemon=True).start()

    def take(self) -> bool:
        """Take the outcome of an examination over; return whether there is another model now."""
        self.busy = self.done = False
        if isinstance(self._outcome, ModelRefused):
            self._refuse(self._outcome)
            return False
        changed = self._outcome != self.model
        self.model = self._outcome
        self.candidate = Candidate(refusals=self.candidate.refusals)
        return changed

    def _refuse(self, refusal: ModelRefused) -> None:
        last, digest, reason = self.candidate, refusal.digest, str(refusal)
        if (digest, reason) == (last.digest, last.reason):
            return  # known, counted and logged already
        self.candidate = Candidate(digest, reason, last.refusals + 1)
        logger.error("a model file was refused", extra=fields(reason=reason, digest=digest))

    def _examine(self) -> None:
        try:
            self._outcome = examine(self._path, self._limits)
        except ModelRefused as refusal:
            self._outcome = refusal
        except Exception as error:  # no memory for the child, say: the old model goes on
            self._outcome = ModelRefused(f"The model {self._path} cannot be examined: {error}.")
        self.done = True
        self._wake()

    def _signature(self) -> tuple[int, ...] | None:
        """Return what changes when another file is put at the path; None without one."""
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns
