"""What a client may send, and how long it may take. Every connection is checked once a second."""

import asyncio
from dataclasses import dataclass
from typing import Final, Protocol

from service.config.settings import Settings

HEAD_BYTES: Final = 16 * 1024
HEAD_FIELDS: Final = 100

PIPELINED: Final = 32
"""Requests that may be sent ahead of the response to the first; browsers send none."""

FRAMING_BYTES: Final = 64 * 1024
FRAMING_FACTOR: Final = 8
"""Framing allowance for a chunked body: a fixed budget plus eight bytes per body byte. A chunk of
one byte takes six. Without a limit, a trailer field would be collected for ever."""

MESSAGE_FACTOR: Final = 4
"""A body that is too large is answered at once, then read and discarded up to this multiple of the
largest body allowed, because most clients read no response while they send."""

DISCARD_SECONDS: Final = 10
"""How long a client may go on sending after its last response."""

CHECK_SECONDS: Final = 1


@dataclass(frozen=True)
class ClientLimits:
    """The limits that the settings give for one connection."""

    idle_seconds: float
    """Time between two requests."""
    head_seconds: float
    """Time for the request line and the headers."""
    least_bytes: int
    """Least progress of a body or a response in each span."""
    span_seconds: float
    message_bytes: int
    """The most that is read of one request."""

    @classmethod
    def from_settings(cls, settings: Settings) -> "ClientLimits":
        """Return the limits of these settings."""
        return cls(
            idle_seconds=settings.keep_alive_seconds,
            head_seconds=settings.header_seconds,
            least_bytes=settings.slowest_bytes_per_second * settings.stall_seconds,
            span_seconds=settings.stall_seconds,
            message_bytes=MESSAGE_FACTOR * max(settings.max_image_bytes, settings.max_batch_bytes),
        )


class Pace:
    """Tells whether a transfer moves at least `least` bytes in each span of `seconds`."""

    __slots__ = ("_done", "_least", "_seconds", "_since")

    def __init__(self, least: int, seconds: float) -> None:
        self._least = least
        self._seconds = seconds
        self._since = 0.0
        self._done = 0

    def begin(self, now: float, done: int = 0) -> None:
        """Measure from now on; `done` bytes were transferred before."""
        self._since = now
        self._done = done

    def is_late(self, now: float, done: int) -> bool:
        """Return whether a span has passed without its bytes; `done` counts all bytes so far."""
        if done - self._done >= self._least:
            self.begin(now, done)
        return now - self._since > self._seconds


class Watched(Protocol):
    """A connection that can be late."""

    def check(self, now: float) -> None:
        """Cut what is late at this time of the event loop."""


class Watch:
    """Checks all connections once a second, as long as there are any.

    A timer for each request would cost as much as parsing its headers.
    """

    def __init__(self) -> None:
        self._connections: set[Watched] = set()
        self._running = False

    def add(self, connection: Watched, loop: asyncio.AbstractEventLoop) -> None:
        """Check this connection from now on."""
        self._connections.add(connection)
        if not self._running:
            self._running = True
            loop.call_later(CHECK_SECONDS, self._check_all, loop)

    def discard(self, connection: Watched) -> None:
        """Stop checking this connection."""
        self._connections.discard(connection)

    def _check_all(self, loop: asyncio.AbstractEventLoop) -> None:
        self._running = bool(self._connections)
        if self._running:
            loop.call_later(CHECK_SECONDS, self._check_all, loop)
        now = loop.time()
        for connection in tuple(self._connections):
            connection.check(now)
