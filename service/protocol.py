"""What uvicorn's protocol class does not do by itself."""

import asyncio
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class Protocol(HttpToolsProtocol):
    """uvicorn's protocol, which writes an answer's head and body together.

    Each write by itself is a call of the system and wakes the client up.
    """

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin with a connection that was accepted."""
        joined = JoinedWrites(cast(asyncio.Transport, transport), self.loop)
        super().connection_made(cast(asyncio.Transport, joined))


class JoinedWrites:
    """A transport that holds a write back for the next one, at most to the end of the turn."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._held = b""

    def __getattr__(self, name: str) -> Any:
        """Leave everything else to the transport itself."""
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Send the data with what is held, or hold them."""
        if self._held:
            held, self._held = self._held, b""
            self._transport.write(held + data)
        else:
            self._held = data
            self._loop.call_soon(self._flush)

    def close(self) -> None:
        """Send what is held, then close."""
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        if self._held:
            self._transport.write(self._held)
            self._held = b""
