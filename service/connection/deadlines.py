"""What a client may send and how long it may take; every connection is looked at once a second."""

import asyncio
from dataclasses import dataclass
from typing import Final, Protocol

from service.config.settings import Settings

HEAD_BYTES: Final = 16 * 1024
HEAD_FIELDS: Final = 100

PIPELINED: Final = 32
"""Requests that may be sent ahead of the answer to the first; browsers send none."""

SPARE_BYTES: Final = 64 * 1024
FRAME_FACTOR: Final = 8
"""What may come around a chunked body: so much, and for each of its bytes so many (a chunk of one
byte takes six). Without a limit, a field after the body would be collected for ever."""

MESSAGE_FACTOR: Final = 4
"""What is too large is answered at once, then thrown away up to so many times the largest body:
most clients read no answer while they send."""

DISCARD_SECONDS: Final = 10
"""How long a client may go on sending after its last answer."""

LOOK_SECONDS: Final = 1


@dataclass(frozen=True)
class Limits:
    """What the settings say: seconds without a request and for headers, a pace, a size."""

    idle_seconds: float
    head_seconds: float
    pace_bytes: int
    pace_seconds: float
    message_bytes: int

    @classmethod
    def of(cls, settings: Settings) -> "Limits":
        """Return the limits of these settings."""
        return cls(
            idle_seconds=settings.keep_alive_seconds,
            head_seconds=settings.header_seconds,
            pace_bytes=settings.slowest_bytes_per_second * settings.stall_seconds,
            pace_seconds=settings.stall_seconds,
            message_bytes=MESSAGE_FACTOR * max(settings.max_image_bytes, settings.max_batch_bytes),
        )


class Watched(Protocol):
    """A connection that can be late."""

    def check(self, now: float) -> None:
        """Cut what is late at this time of the event loop."""


class Pace:
    """Whether enough goes on: at least so many bytes in each span of so many seconds."""

    __slots__ = ("_done", "_least", "_seconds", "_since")

    def __init__(self, least: int, seconds: float) -> None:
        self._least = least
        self._seconds = seconds
        self._since = 0.0
        self._done = 0

    def begin(self, now: float, done: int = 0) -> None:
        """Measure from now on; `done` bytes are there already."""
        self._since = now
        self._done = done

    def is_late(self, now: float, done: int) -> bool:
        """Return whether the last span passed with less than its bytes; `done` counts them all."""
        if done - self._done >= self._least:
            self.begin(now, done)
        return now - self._since > self._seconds


class Watch:
    """Checks the connections once a second, as long as there are any.

    A timer per request would cost as much as parsing its headers.
    """

    def __init__(self) -> None:
        self._connections: set[Watched] = set()
        self._looking = False

    def add(self, connection: Watched, loop: asyncio.AbstractEventLoop) -> None:
        """Check this connection from now on."""
        self._connections.add(connection)
        if not self._looking:
            self._looking = True
            loop.call_later(LOOK_SECONDS, self._look, loop)

    def discard(self, connection: Watched) -> None:
        """Leave this connection alone from now on."""
        self._connections.discard(connection)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        self._looking = bool(self._connections)
        if self._looking:
            loop.call_later(LOOK_SECONDS, self._look, loop)
        now = loop.time()
        for connection in tuple(self._connections):
            connection.check(now)
