"""What uvicorn's protocol class does not do by itself: limits, deadlines, and errors in words."""

import asyncio
from typing import ClassVar, Final, cast

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from service.config.settings import Settings
from service.connection.deadlines import (
    DISCARD_SECONDS,
    FRAME_FACTOR,
    HEAD_BYTES,
    HEAD_FIELDS,
    PIPELINED,
    SPARE_BYTES,
    Limits,
    Pace,
    Watch,
)
from service.connection.refusals import (
    BODY,
    HEAD,
    IDLE,
    OVER,
    READ_BYTES,
    Cycle,
    RefusingProtocol,
    reason,
)
from service.connection.transport import Transport, Turn
from service.errors import HeadersTooLarge, MalformedRequest, RequestTimeout

LONG_HEAD: Final = f"The request line and the headers have more than {HEAD_BYTES} bytes."


def limited_protocol(settings: Settings) -> type["Protocol"]:
    """Return the protocol class with the limits of these settings."""

    class LimitedProtocol(Protocol):
        limits = Limits.of(settings)
        watch = Watch()
        turn = Turn()
        buffer = memoryview(bytearray(READ_BYTES))

    return LimitedProtocol


class Protocol(RefusingProtocol):
    """Bounds what is read and written, in bytes and in time."""

    limits: ClassVar[Limits]
    watch: ClassVar[Watch]
    turn: ClassVar[Turn]

    _ahead = False  # whether the headers began behind another request, in the same read
    _raw = 0  # bytes since the request began
    _body = 0  # bytes of its body

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin with a connection that was accepted."""
        paces = [Pace(self.limits.pace_bytes, self.limits.pace_seconds) for _ in range(2)]
        self._pace = paces[0]
        self._out = Transport(
            cast(asyncio.Transport, transport), self.loop, self.turn, paces[1], self.hold
        )
        super().connection_made(cast(asyncio.Transport, self._out))
        self.watch.add(self, self.loop)

    def connection_lost(self, exc: Exception | None) -> None:
        """End with it, and let its parts go, which else hold one another until a collection."""
        self.watch.discard(self)
        super().connection_lost(exc)
        self._out.let_go()

    def data_received(self, data: bytes) -> None:
        """Parse what came, or throw it away."""
        if self._phase is IDLE:
            self._begin_head()
        elif self._phase is OVER:
            return self._throw_away(len(data))
        self._raw += len(data)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self.decline_upgrade()
        except httptools.HttpParserError as error:
            self.refuse(reason(error))
        if self._phase is not IDLE:
            self._check_unfinished()
        return None

    def on_headers_complete(self) -> None:
        """Have the request answered, its body to follow."""
        if self._ahead or self._phase is IDLE or self._raw > HEAD_BYTES:
            self._check_head()
        if len(self.headers) > HEAD_FIELDS:
            raise HeadersTooLarge(f"The request has more than {HEAD_FIELDS} header fields.")
        if len(self.pipeline) >= PIPELINED:
            raise MalformedRequest(
                f"More than {PIPELINED} requests were sent ahead of their answers: wait for them."
            )
        HttpToolsProtocol.on_headers_complete(self)
        self.cycle.__class__ = Cycle  # uvicorn has no setting for its class
        self.headers = []  # a field after a chunked body must not become a header
        if self.expect_100_continue:
            self.cycle.keep_alive = False  # if it never sends its body, the next would pass for it
        self._phase = BODY
        self._body = 0
        self._since = None

    def on_body(self, body: bytes) -> None:
        """Take a piece of a body."""
        self._body += len(body)
        HttpToolsProtocol.on_body(self, body)

    def on_message_complete(self) -> None:
        """End with a request that was read whole."""
        self._phase = IDLE
        HttpToolsProtocol.on_message_complete(self)

    def on_response_complete(self) -> None:
        """End with an answer, which need not wait for others if there are none."""
        if len(self.tasks) == 1:
            self._out.flush()
        super().on_response_complete()

    def check(self, now: float) -> None:
        """Cut the connection if the client takes too long."""
        if self._out.is_stuck(now):
            self._out.abort()
        elif self._phase is IDLE:
            self._check_idle(now)
        elif self._since is None:
            self._since = now  # to look at the clock in every request would take longer
            self._pace.begin(now, self._body)
        elif self._phase is BODY:
            self._check_pace(now)
        else:
            self._check_time(now - self._since)

    def _check_idle(self, now: float) -> None:
        """Close a connection that has had its answer and asks for nothing more."""
        if self._is_ahead():
            self._begin_head()
        elif self.cycle is None or not self.cycle.response_complete:
            self._since = None
        elif self._since is None:
            self._since = now
        elif now - self._since > self.limits.idle_seconds:
            self._out.close()

    def _begin_head(self) -> None:
        self._ahead = self._is_ahead()
        self._phase = HEAD
        self._raw = 0
        self._since = None

    def _is_ahead(self) -> bool:
        """Return whether a request was begun in the same read as the end of the one before."""
        return self.cycle is not None and self.cycle.scope is not self.scope

    def _check_head(self) -> None:
        """Refuse a request line and headers that are too long, now that they are known."""
        fields = sum(len(name) + len(value) + 4 for name, value in self.headers)
        if len(self.url) + fields > HEAD_BYTES:
            raise HeadersTooLarge(LONG_HEAD)

    def _check_unfinished(self) -> None:
        """Refuse what is too long already and not complete."""
        if self._phase is HEAD and self._raw > HEAD_BYTES:
            self.refuse(HeadersTooLarge(LONG_HEAD))
        elif self._raw > self.limits.message_bytes:
            self._out.abort()
        elif self._phase is BODY and self._raw > SPARE_BYTES + FRAME_FACTOR * self._body:
            self.refuse(MalformedRequest("There is too much around the body's chunks."))

    def _throw_away(self, size: int) -> None:
        """Read on for a client that reads no answer while it sends, but not for ever."""
        self._raw += size
        if self._raw > self.limits.message_bytes:
            self._out.abort()

    def _check_pace(self, now: float) -> None:
        limits = self.limits
        if self.flow.read_paused:
            self._pace.begin(now, self._body)  # it is we who do not read
        elif self._pace.is_late(now, self._body):
            self.refuse(
                RequestTimeout(
                    f"The body came too slowly: less than {limits.pace_bytes} bytes in "
                    f"{limits.pace_seconds:g} seconds, and not its end."
                )
            )

    def _check_time(self, seconds: float) -> None:
        """Cut headers that are not complete, and those who go on after their last answer."""
        if self._phase is HEAD and seconds > self.limits.head_seconds:
            if not (self._raw or self._ahead):
                return self._out.close()  # it never asked for anything
            self.refuse(
                RequestTimeout(
                    f"The headers were not complete after {self.limits.head_seconds:g} seconds."
                )
            )
        elif self._out.is_closing() and seconds > DISCARD_SECONDS:
            self._out.abort()
        return None
