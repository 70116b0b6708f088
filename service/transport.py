"""The way out to a client: joined writes, and an end that does not eat the last answer."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

from service.deadlines import Pace


class Transport:
    """A transport that holds a write back for the next one, at most to the end of the turn.

    Each write by itself is a call of the system and wakes the client up.

    `hold` is asked when the connection is to be closed, and tells whether the client may still be
    sending. If so, only our direction is closed and the rest is for the protocol to throw away: a
    socket that is closed over unread bytes resets the connection, and the client would lose the
    answer that it has not read yet.
    """

    def __init__(
        self,
        transport: asyncio.Transport,
        loop: asyncio.AbstractEventLoop,
        pace: Pace,
        hold: Callable[[], bool],
    ) -> None:
        self._transport = transport
        self._loop = loop
        self._pace = pace
        self._hold = hold
        self._held = b""
        self._written = 0
        self._closed = False

    def __getattr__(self, name: str) -> Any:
        """Leave everything else to the transport itself."""
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Send the data with what is held, or hold them."""
        if self._closed:
            return
        self._written += len(data)
        if self._held:
            held, self._held = self._held, b""
            self._transport.write(held + data)
        else:
            self._held = data
            self._loop.call_soon(self._flush)

    def is_closing(self) -> bool:
        """Return whether nothing more can be sent."""
        return self._closed or self._transport.is_closing()

    def close(self) -> None:
        """Send what is held, then close, our direction first while the client still sends."""
        if self.is_closing():
            return
        self._flush()
        self._closed = True
        if not self._hold():
            self._transport.close()
            return
        with contextlib.suppress(OSError):  # the client has gone at this moment
            self._transport.write_eof()
        self._transport.resume_reading()

    def let_go(self) -> None:
        """Forget whom to ask, once the connection is lost."""
        self._hold = _never

    def is_stuck(self, now: float) -> bool:
        """Return whether the client does not take what was sent to it."""
        waiting = self._transport.get_write_buffer_size()
        if waiting:
            return self._pace.is_late(now, self._written - waiting)
        self._pace.begin(now, self._written)
        return False

    def _flush(self) -> None:
        if self._held:
            self._transport.write(self._held)
            self._held = b""


def _never() -> bool:
    return False
