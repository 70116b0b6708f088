"""A transport that sends writes together, and closes without losing the last response."""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from typing import Any, Final

from service.connection.deadlines import Pace

MAX_HELD_BYTES: Final = 64 * 1024
"""Bytes held back at most; beyond that, asyncio's flow control sees them."""

logger = logging.getLogger("service")


class EndOfTurn:
    """Flushes the transports that hold data at the end of the event loop's turn.

    Responses that are ready in the same turn leave together, so a client that waits for several
    wakes up once.
    """

    def __init__(self) -> None:
        self._transports: list[Transport] = []

    def add(self, transport: "Transport", loop: asyncio.AbstractEventLoop) -> None:
        """Flush a transport at the end of this turn."""
        if not self._transports:
            loop.call_soon(self._flush_all)
        self._transports.append(transport)

    def _flush_all(self) -> None:
        transports, self._transports = self._transports, []
        for transport in transports:
            try:
                transport.flush()
            except Exception:
                logger.exception("a response cannot be sent")
                transport.abort()  # the other responses must not suffer


class Transport:
    """Holds writes until `flush`, at most to the end of the event loop's turn.

    `close` calls `stop_reading`, which returns whether the client may still be sending. If so, only
    our direction is closed and the protocol discards what comes: closing a socket with unread bytes
    resets the connection, and the client would lose the response that it has not read yet.
    """

    def __init__(
        self,
        transport: asyncio.Transport,
        loop: asyncio.AbstractEventLoop,
        end_of_turn: EndOfTurn,
        pace: Pace,
        stop_reading: Callable[[], bool],
    ) -> None:
        self._transport = transport
        self._loop = loop
        self._end_of_turn = end_of_turn
        self._pace = pace
        self._stop_reading = stop_reading
        self._held: list[bytes] = []
        self._held_bytes = 0
        self._written = 0
        self._closed = False

    def __getattr__(self, name: str) -> Any:
        """Pass everything else on to asyncio's transport."""
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Hold the data, to be sent together with what follows."""
        if self._closed:
            return
        self._written += len(data)
        if not self._held:
            self._end_of_turn.add(self, self._loop)
        self._held.append(data)
        self._held_bytes += len(data)
        if self._held_bytes > MAX_HELD_BYTES:
            self.flush()

    def flush(self) -> None:
        """Send what is held, in one system call."""
        if self._held:
            held, self._held, self._held_bytes = self._held, [], 0
            self._transport.write(b"".join(held))

    def is_closing(self) -> bool:
        """Return whether the transport takes no more writes."""
        return self._closed or self._transport.is_closing()

    def close(self) -> None:
        """Send what is held, then close; only our direction while the client still sends."""
        if self.is_closing():
            return
        self.flush()
        self._closed = True
        if not self._stop_reading():
            self._transport.close()
            return
        with contextlib.suppress(OSError):  # the client has just gone
            self._transport.write_eof()
        self._transport.resume_reading()

    def release(self) -> None:
        """Drop the protocol and the held data once the connection is lost."""
        self._stop_reading = _never
        self._held = []

    def is_stuck(self, now: float) -> bool:
        """Return whether the client has not read its responses for too long."""
        waiting = self._transport.get_write_buffer_size()
        if waiting:
            return self._pace.is_late(now, self._written - waiting)
        self._pace.begin(now, self._written)
        return False


def _never() -> bool:
    return False
