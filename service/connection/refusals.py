"""An HTTP connection that answers in words what it cannot read, and then takes no more."""

import asyncio
from enum import Enum
from typing import ClassVar, Final

import httptools
from uvicorn._types import ASGIReceiveEvent
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from service.connection.transport import Transport
from service.errors import FashionError, MalformedRequest

READ_BYTES: Final = 256 * 1024
"""What is read from a connection at a time, as much as asyncio reads."""


class Phase(Enum):
    """What a connection is at."""

    IDLE = "between two requests"
    HEAD = "waiting for a request line and headers"
    BODY = "waiting for the rest of a body"
    OVER = "throwing away what comes"


IDLE: Final = Phase.IDLE
HEAD: Final = Phase.HEAD
BODY: Final = Phase.BODY
OVER: Final = Phase.OVER
"""Names of their own, for each look into the class takes time in every request."""


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


class Cycle(RequestResponseCycle):
    """uvicorn's request and response, whose `receive` raises the error once it is refused."""

    _refusal: FashionError | None = None

    def refuse(self, error: FashionError) -> None:
        """Have `receive` raise the error from now on, and close after the response."""
        self._refusal = error
        self.keep_alive = False
        self.message_event.set()  # the app may be waiting for more of the body

    async def receive(self) -> ASGIReceiveEvent:
        """Return the next part of the body.

        Raises:
            FashionError: the connection reads no more of this request.
        """
        if self._refusal is None:
            message = await super().receive()
        if self._refusal is not None:
            raise self._refusal
        return message


class RefusingProtocol(FrugalProtocol):
    """uvicorn's protocol, which can refuse a request before the app has read it all.

    The app learns of a refusal in one way: its `receive` raises the error. A request whose headers
    could not be read still reaches the app, with an empty method, so that the error is answered,
    counted and logged like all others.
    """

    cycle: "Cycle"

    _out: Transport
    _phase = Phase.HEAD
    _since: float | None = None  # when the watch first saw this phase
    _ended = False  # whether the client has closed its direction

    def refuse(self, error: FashionError) -> None:
        """Answer the request that is being read with an error, and close."""
        in_body = self._phase is BODY
        self._phase = OVER
        if not in_body:
            self._answer_alone(error)
        elif self.cycle.response_complete:
            self._out.close()
        else:
            self.cycle.refuse(error)

    def decline_upgrade(self) -> None:
        """Answer a request that asks for another protocol as it stands, then close.

        The parser takes all that follows for the other protocol, even the request's own body.
        """
        self._phase = OVER
        self.cycle.keep_alive = False
        headers = dict(self.cycle.scope["headers"])
        if headers.get(b"content-length", b"0") != b"0" or b"transfer-encoding" in headers:
            self.cycle.refuse(
                MalformedRequest(
                    "The request has a body and asks for another protocol: leave out Upgrade."
                )
            )

    def eof_received(self) -> bool:  # type: ignore[override]  # uvicorn's hides asyncio's bool
        """Answer a client that ended in the middle of a body; close any other connection."""
        self._ended = True
        self._out.flush()  # the transport closes itself, and would not wait for what is held
        if self._phase is not BODY or self.cycle.response_started:
            return False
        self.refuse(MalformedRequest("The body ended before the length that was promised."))
        return True

    def hold(self) -> bool:
        """Take no more; return whether the client may still be sending."""
        sending = self._phase in (BODY, OVER) and not self._ended
        self._phase = OVER
        self._since = None
        return sending

    def _answer_alone(self, error: FashionError) -> None:
        """Have the error answered after all requests before it."""
        HttpToolsProtocol.on_message_begin(self)
        self.scope["method"], self.scope["query_string"] = "", b""
        self.scope["path"], self.scope["raw_path"] = "/", b"/"
        before = self.cycle
        self.cycle = Cycle(
            scope=self.scope,
            transport=self.transport,
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=self.access_log,
            default_headers=self.server_state.default_headers,
            message_event=asyncio.Event(),
            expect_100_continue=False,
            keep_alive=False,
            on_response=self.on_response_complete,
        )
        self.cycle.refuse(error)
        if before is None or before.response_complete:
            self._start_asgi_task(self.cycle, self.app)
        else:
            self.pipeline.appendleft((self.cycle, self.app))


def reason(error: httptools.HttpParserError) -> FashionError:
    """Return in our words why the parser gave up."""
    cause = error.__context__  # what one of its callbacks raised
    if isinstance(cause, FashionError):
        return cause
    why = "the request line names nothing that can be read" if cause else str(error)
    return MalformedRequest(f"The request is not HTTP as it is taken here: {why}.")
