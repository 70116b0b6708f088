"""uvicorn's HTTP protocol, with limits, deadlines, and readable errors."""

import asyncio
from typing import ClassVar, Final, Literal, cast

import httptools
from uvicorn._types import ASGIReceiveEvent
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from service.config.settings import Settings
from service.connection.deadlines import (
    DISCARD_SECONDS,
    FRAMING_BYTES,
    FRAMING_FACTOR,
    HEAD_BYTES,
    HEAD_FIELDS,
    PIPELINED,
    ClientLimits,
    Pace,
    Watch,
)
from service.connection.transport import EndOfTurn, Transport
from service.errors import FashionError, HeadersTooLarge, MalformedRequest, RequestTimeout

READ_BYTES: Final = 256 * 1024
"""Bytes that are read from a connection at a time, as many as asyncio reads."""

LONG_HEAD: Final = f"The request line and the headers have more than {HEAD_BYTES} bytes."

Phase = Literal["idle", "head", "body", "over"]
"""Between two requests; in the request line and headers; in a body; discarding what comes."""


def limited_protocol(settings: Settings) -> type["Protocol"]:
    """Return the protocol class with the limits of these settings."""

    class LimitedProtocol(Protocol):
        limits = ClientLimits.from_settings(settings)
        watch = Watch()
        end_of_turn = EndOfTurn()
        buffer = memoryview(bytearray(READ_BYTES))

    return LimitedProtocol


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


class Protocol(HttpToolsProtocol, asyncio.BufferedProtocol):
    """Bounds what is read and written, in bytes and in time.

    A request that is refused still reaches the app, whose `receive` then raises the error: so it is
    answered, counted and logged like any other. If the headers could not be read, the app gets an
    empty method.

    All connections read into one buffer. asyncio would allocate 256 KiB for each read and return
    the unused part, which fragments the heap by 20 MiB.
    """

    limits: ClassVar[ClientLimits]
    watch: ClassVar[Watch]
    end_of_turn: ClassVar[EndOfTurn]
    buffer: ClassVar[memoryview]

    cycle: Cycle
    _out: Transport
    _phase: Phase = "head"
    _since: float | None = None  # when the watch first saw this phase
    _ahead = False  # whether the headers began in the same read as the end of another request
    _raw = 0  # bytes since the request began
    _body = 0  # bytes of its body
    _eof = False  # whether the client has closed its direction

    # Called by asyncio.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Set up an accepted connection."""
        limits = self.limits
        self._pace, write_pace = (Pace(limits.least_bytes, limits.span_seconds) for _ in range(2))
        inner = cast(asyncio.Transport, transport)
        self._out = Transport(inner, self.loop, self.end_of_turn, write_pace, self._stop_reading)
        super().connection_made(cast(asyncio.Transport, self._out))
        self.watch.add(self, self.loop)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tear down, without reference cycles that would wait for the garbage collector."""
        self.watch.discard(self)
        super().connection_lost(exc)
        self._out.release()

    def get_buffer(self, sizehint: int) -> memoryview:
        """Return where the next bytes belong."""
        return self.buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Take a copy of the bytes that were read."""
        self.data_received(bytes(self.buffer[:nbytes]))

    def data_received(self, data: bytes) -> None:
        """Parse the bytes, or discard them after a refusal."""
        if self._phase == "idle":
            self._begin_head()
        elif self._phase == "over":
            return self._discard(len(data))
        self._raw += len(data)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._decline_upgrade()
        except httptools.HttpParserError as error:
            self._refuse(_parser_refusal(error))
        if self._phase != "idle":
            self._check_unfinished()
        return None

    def eof_received(self) -> bool:  # type: ignore[override]  # uvicorn's hides asyncio's bool
        """Answer a client that ended in the middle of a body; close any other connection."""
        self._eof = True
        self._out.flush()  # asyncio's transport closes itself and does not know what is held
        if self._phase != "body" or self.cycle.response_started:
            return False
        self._refuse(MalformedRequest("The body ended before the length that was promised."))
        return True

    # Called by the parser.

    def on_headers_complete(self) -> None:
        """Start the app on the request; its body follows."""
        if self._ahead or self._phase == "idle" or self._raw > HEAD_BYTES:
            self._check_head()
        if len(self.headers) > HEAD_FIELDS:
            raise HeadersTooLarge(f"The request has more than {HEAD_FIELDS} header fields.")
        if len(self.pipeline) >= PIPELINED:
            raise MalformedRequest(
                f"More than {PIPELINED} requests were sent ahead of their answers: wait for them."
            )
        super().on_headers_complete()
        self.cycle.__class__ = Cycle  # uvicorn has no setting for its class
        self.headers = []  # a field after a chunked body must not become a header
        if self.expect_100_continue:
            # If the client never sends the body, its next request would be read as the body.
            self.cycle.keep_alive = False
        self._phase = "body"
        self._body = 0
        self._since = None

    def on_body(self, body: bytes) -> None:
        """Pass on a part of the body."""
        self._body += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Finish a request that was read to its end."""
        self._phase = "idle"
        super().on_message_complete()

    # Called by the request cycle and the watch.

    def on_response_complete(self) -> None:
        """Send the response, and start the next request that was sent ahead.

        uvicorn would also set a timer after each response; the watch closes idle connections.
        """
        if len(self.tasks) == 1:
            self._out.flush()  # there are no others to send together with
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())

    def check(self, now: float) -> None:
        """Cut the connection if the client takes too long."""
        if self._out.is_stuck(now):
            self._out.abort()
        elif self._phase == "idle":
            self._check_idle(now)
        elif self._since is None:
            self._since = now  # reading the clock in every request would take longer
            self._pace.begin(now, self._body)
        elif self._phase == "body":
            self._check_pace(now)
        else:
            self._check_time(now - self._since)

    # Refusals.

    def _refuse(self, error: FashionError) -> None:
        """Answer the request that is being read with an error, and close."""
        in_body = self._phase == "body"
        self._phase = "over"
        if not in_body:
            self._answer_alone(error)
        elif self.cycle.response_complete:
            self._out.close()
        else:
            self.cycle.refuse(error)

    def _decline_upgrade(self) -> None:
        """Answer a request for another protocol in this one, then close.

        The parser takes all that follows for the other protocol, even the request's own body.
        """
        self._phase = "over"
        self.cycle.keep_alive = False
        headers = dict(self.cycle.scope["headers"])
        if headers.get(b"content-length", b"0") != b"0" or b"transfer-encoding" in headers:
            self.cycle.refuse(
                MalformedRequest(
                    "The request has a body and asks for another protocol: leave out Upgrade."
                )
            )

    def _answer_alone(self, error: FashionError) -> None:
        """Have the error answered after all requests before it."""
        super().on_message_begin()
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

    def _stop_reading(self) -> bool:
        """Read no more requests; return whether the client may still be sending."""
        sending = self._phase in ("body", "over") and not self._eof
        self._phase = "over"
        self._since = None
        return sending

    # Limits in bytes.

    def _begin_head(self) -> None:
        self._ahead = self._is_ahead()
        self._phase = "head"
        self._raw = 0
        self._since = None

    def _is_ahead(self) -> bool:
        """Return whether a request began in the same read as the end of the one before."""
        return self.cycle is not None and self.cycle.scope is not self.scope

    def _check_head(self) -> None:
        """Refuse a complete head that is too long."""
        fields = sum(len(name) + len(value) + 4 for name, value in self.headers)
        if len(self.url) + fields > HEAD_BYTES:
            raise HeadersTooLarge(LONG_HEAD)

    def _check_unfinished(self) -> None:
        """Refuse a request that is too long already and not complete."""
        if self._phase == "head" and self._raw > HEAD_BYTES:
            self._refuse(HeadersTooLarge(LONG_HEAD))
        elif self._raw > self.limits.message_bytes:
            self._out.abort()
        elif self._phase == "body" and self._raw > FRAMING_BYTES + FRAMING_FACTOR * self._body:
            self._refuse(MalformedRequest("There is too much framing around the body's chunks."))

    def _discard(self, size: int) -> None:
        """Read on for a client that reads no response while it sends, but not for ever."""
        self._raw += size
        if self._raw > self.limits.message_bytes:
            self._out.abort()

    # Limits in time.

    def _check_idle(self, now: float) -> None:
        """Close a connection that has had its response and asks for nothing more."""
        if self._is_ahead():
            self._begin_head()
        elif self.cycle is None or not self.cycle.response_complete:
            self._since = None
        elif self._since is None:
            self._since = now
        elif now - self._since > self.limits.idle_seconds:
            self._out.close()

    def _check_pace(self, now: float) -> None:
        """Refuse a body that comes too slowly."""
        limits = self.limits
        if self.flow.read_paused:
            self._pace.begin(now, self._body)  # the app reads too slowly, not the client
        elif self._pace.is_late(now, self._body):
            self._refuse(
                RequestTimeout(
                    f"The body came too slowly: less than {limits.least_bytes} bytes in "
                    f"{limits.span_seconds:g} seconds, and not its end."
                )
            )

    def _check_time(self, seconds: float) -> None:
        """Refuse headers that take too long; cut clients that send on after their last response."""
        if self._phase == "head" and seconds > self.limits.head_seconds:
            if not (self._raw or self._ahead):
                return self._out.close()  # nothing was ever asked
            self._refuse(
                RequestTimeout(
                    f"The headers were not complete after {self.limits.head_seconds:g} seconds."
                )
            )
        elif self._out.is_closing() and seconds > DISCARD_SECONDS:
            self._out.abort()
        return None


def _parser_refusal(error: httptools.HttpParserError) -> FashionError:
    """Return the error for a request that the parser cannot read."""
    cause = error.__context__  # what one of its callbacks raised
    if isinstance(cause, FashionError):
        return cause
    why = "the request line cannot be parsed" if cause else str(error)
    return MalformedRequest(f"The request is not valid HTTP: {why}.")
