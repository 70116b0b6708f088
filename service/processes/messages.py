"""What the supervisor and a worker tell each other over a `multiprocessing` connection."""

from enum import Enum, auto
from typing import NamedTuple

from service.model.file_status import FileStatus


class Assignment(NamedTuple):
    """The first message to a worker; its listening socket follows as a handle."""

    metrics_folder: str | None
    """Where several workers keep their metrics; None for a single worker."""


class NewModel(NamedTuple):
    """The model to answer with from now on."""

    packed: bytes
    """What `ExaminedModel.from_bytes` unpacks."""


class Notice(Enum):
    """What the supervisor tells a worker without further data."""

    PING = auto()
    """Answer with PONG from the event loop."""
    RELOADED = auto()
    """The reload is done; the new model and file status, if any, were sent before."""
    SHUTTING_DOWN = auto()
    """Turn readiness red, but go on answering."""


class Report(Enum):
    """What a worker tells the supervisor."""

    LOADED = auto()
    """The libraries are loaded: send the model."""
    READY = auto()
    """The worker answers requests."""
    PONG = auto()
    """The event loop is running."""
    RELOAD = auto()
    """A client asked to reload the model file."""


ToWorker = Assignment | NewModel | FileStatus | Notice
