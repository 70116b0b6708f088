"""uvicorn's protocol class without what costs every small request much and gains it nothing."""

import asyncio
from typing import ClassVar, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

READ_BYTES: Final = 256 * 1024
"""What is read from a connection at a time, as much as asyncio reads."""


class FrugalProtocol(HttpToolsProtocol, asyncio.BufferedProtocol):
    """Reads into one buffer for all connections, and sets no timers.

    asyncio would take 256 KiB for each read and give back what was not used: a heap that is cut up
    like that grew by 20 MiB. uvicorn would set a timer after each answer.
    """

    buffer: ClassVar[memoryview]

    def get_buffer(self, sizehint: int) -> memoryview:
        """Return where the next bytes are to be put."""
        return self.buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Take a copy of what was put there."""
        self.data_received(bytes(self.buffer[:nbytes]))

    def on_response_complete(self) -> None:
        """Go on with a request that was sent ahead; who sends none is looked after by the watch."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
