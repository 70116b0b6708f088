"""The way out to a client: writes together, and an end that does not eat the last answer."""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from typing import Any, Final

from service.connection.deadlines import Pace

MOST_HELD: Final = 64 * 1024
"""Bytes that are held back at most; what is beyond them is told to wait, if the client is slow."""

logger = logging.getLogger("service")


class Turn:
    """The transports that have something to send at the end of this turn of the event loop.

    Sent one after another, the answers of a batch wake a client up once; sent each when it is
    ready, they would wake it each time.
    """

    def __init__(self) -> None:
        self._transports: list[Transport] = []

    def add(self, transport: "Transport", loop: asyncio.AbstractEventLoop) -> None:
        """Have a transport send what it holds."""
        if not self._transports:
            loop.call_soon(self._end)
        self._transports.append(transport)

    def _end(self) -> None:
        transports, self._transports = self._transports, []
        for transport in transports:
            try:
                transport.flush()
            except Exception:
                logger.exception("an answer cannot be sent")
                transport.abort()  # the others' answers must not wait for this one


class Transport:
    """A transport that holds what is written until `flush`, at most to the end of the turn.

    `hold` is asked when the connection is to be closed, and tells whether the client may still be
    sending. If so, only our direction is closed and the rest is for the protocol to throw away: a
    socket that is closed over unread bytes resets the connection, and the client would lose the
    answer that it has not read yet.
    """

    def __init__(
        self,
        transport: asyncio.Transport,
        loop: asyncio.AbstractEventLoop,
        turn: Turn,
        pace: Pace,
        hold: Callable[[], bool],
    ) -> None:
        self._transport = transport
        self._loop = loop
        self._turn = turn
        self._pace = pace
        self._hold = hold
        self._held: list[bytes] = []
        self._held_bytes = 0
        self._written = 0
        self._closed = False

    def __getattr__(self, name: str) -> Any:
        """Leave everything else to the transport itself."""
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Hold the data, to be sent with what follows."""
        if self._closed:
            return
        self._written += len(data)
        if not self._held:
            self._turn.add(self, self._loop)
        self._held.append(data)
        self._held_bytes += len(data)
        if self._held_bytes > MOST_HELD:
            self.flush()

    def flush(self) -> None:
        """Send what is held now, in one call of the system."""
        if self._held:
            held, self._held, self._held_bytes = self._held, [], 0
            self._transport.write(b"".join(held))

    def is_closing(self) -> bool:
        """Return whether nothing more can be sent."""
        return self._closed or self._transport.is_closing()

    def close(self) -> None:
        """Send what is held, then close, our direction first while the client still sends."""
        if self.is_closing():
            return
        self.flush()
        self._closed = True
        if not self._hold():
            self._transport.close()
            return
        with contextlib.suppress(OSError):  # the client has gone at this moment
            self._transport.write_eof()
        self._transport.resume_reading()

    def let_go(self) -> None:
        """Forget whom to ask and what to send, once the connection is lost."""
        self._hold = _never
        self._held = []

    def is_stuck(self, now: float) -> bool:
        """Return whether the client does not take what was sent to it."""
        waiting = self._transport.get_write_buffer_size()
        if waiting:
            return self._pace.is_late(now, self._written - waiting)
        self._pace.begin(now, self._written)
        return False


def _never() -> bool:
    return False
