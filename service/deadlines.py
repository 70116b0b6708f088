"""How long a client may take: a look at every connection once a second."""

import asyncio
from typing import Final, Protocol

LOOK_SECONDS: Final = 1


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
