"""Messages between the supervisor and a worker, over a pair of sockets: a kind and some bytes."""

import json
import socket
import struct
from dataclasses import asdict, dataclass
from enum import IntEnum, auto
from typing import TYPE_CHECKING, Final, NamedTuple, Self

from service.model_file.examiner import Limits

if TYPE_CHECKING:
    from asyncio import StreamReader  # 36 ms to import, and the supervisor has no event loop

_HEAD: Final = struct.Struct(">BQ")


class Kind(IntEnum):
    """What a message is about."""

    PLAN = auto()
    """What a worker has read of the settings for the supervisor, as `Plan` in JSON."""
    PLACE = auto()
    """A worker's `Place`; the socket goes beside the message."""
    READY = auto()
    """A worker answers requests."""
    RELOAD = auto()
    """A worker was asked to have the model file looked at now."""
    MODEL = auto()
    """The model to answer with from now on, as `ExaminedModel.from_bytes` unpacks it."""
    CANDIDATE = auto()
    """What became of the file at the model's path, as `Candidate` in JSON."""
    RELOADED = auto()
    """The answer to RELOAD, after MODEL and CANDIDATE where there is news."""
    LEAVING = auto()
    """The service is about to leave: readiness goes red, requests are still answered."""


class Message(NamedTuple):
    """One message."""

    kind: Kind
    data: bytes = b""


class Place(NamedTuple):
    """Where a worker listens, and the folder that it counts in together with others, or none."""

    listener: socket.socket
    metrics_folder: str = ""


@dataclass(frozen=True)
class Plan:
    """The supervisor's share of the settings."""

    host: str
    port: int
    workers: int
    model_path: str
    model_poll_seconds: float
    shutdown_delay: float
    log_level: str
    limits: Limits

    def to_json(self) -> str:
        """Return the plan as text, the way from a worker to the supervisor."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Read what `to_json` wrote."""
        values = json.loads(text)
        return cls(**{**values, "limits": Limits(**values["limits"])})


def encode(message: Message) -> bytes:
    """Return a message as it goes over the channel."""
    return _HEAD.pack(message.kind, len(message.data)) + message.data


def send(channel: socket.socket, message: Message) -> None:
    """Send one message.

    Raises:
        OSError: the other side is gone, or does not read.
    """
    channel.sendall(encode(message))


def receive(channel: socket.socket) -> Message | None:
    """Wait for one message and return it; None if the other side is gone."""
    try:
        head = _receive(channel, _HEAD.size)
        kind, length = _HEAD.unpack(head)
        return Message(Kind(kind), _receive(channel, length))
    except (EOFError, ConnectionResetError):
        return None


def send_place(channel: socket.socket, place: Place) -> None:
    """Tell a worker its place, before any message.

    Raises:
        OSError: the worker is gone.
    """
    message = Message(Kind.PLACE, place.metrics_folder.encode())
    socket.send_fds(channel, [encode(message)], [place.listener.fileno()])


def receive_place(channel: socket.socket) -> Place | None:
    """Wait for the place of this worker; None if the other side is gone."""
    head, numbers, _, _ = socket.recv_fds(channel, _HEAD.size, 1)
    if not numbers:
        return None
    _, length = _HEAD.unpack(head)
    return Place(socket.socket(fileno=numbers[0]), _receive(channel, length).decode())


async def receive_next(reader: "StreamReader") -> Message | None:
    """Do what `receive` does, on the event loop."""
    try:
        kind, length = _HEAD.unpack(await reader.readexactly(_HEAD.size))
        return Message(Kind(kind), await reader.readexactly(length))
    except (EOFError, ConnectionResetError):
        return None


def _receive(channel: socket.socket, size: int) -> bytes:
    data = bytearray()
    while len(data) < size:
        chunk = channel.recv(min(size - len(data), 2**20))
        if not chunk:
            raise EOFError
        data += chunk
    return bytes(data)
