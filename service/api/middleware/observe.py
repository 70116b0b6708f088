"""Names, times, counts and logs every request, and renders every error."""

import asyncio
import logging
import re
import secrets
from time import perf_counter
from typing import Final

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api import problems
from service.errors import Overloaded
from service.logs import fields
from service.metrics import Metrics

REQUEST_ID: Final = re.compile(rb"[A-Za-z0-9._-]{1,128}")
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
UNMATCHED: Final = "unmatched"
CLIENT_GONE: Final = 499
"""nginx's status for a client that left before its answer; only metrics and logs show it."""

OVERLOADED_SECONDS: Final = 0.25
"""Delay before a client is told that the service is overloaded. A client that retries at once would
otherwise be refused thousands of times a second, which costs as much as answering others."""

ALWAYS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)
"""On every answer: browsers must not guess another content type, nor pass the address on."""

logger = logging.getLogger("service.access")


class Observe:
    """Gives each request an id, measures it, and turns what it raised into a problem document.

    This is the only place that renders errors. An exception that reached uvicorn would also cost
    the client its next request, because uvicorn then closes the connection without saying so.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics, access_log: bool) -> None:
        self._app = app
        self._metrics = metrics
        self._access_log = access_log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; the answer carries the request's id."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        started, status = perf_counter(), CLIENT_GONE
        request_id = _request_id(scope)
        state = scope.setdefault("state", {})
        state["request_id"] = request_id.decode()

        async def send_named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], *ALWAYS, (b"x-request-id", request_id)]
            await send(message)

        try:
            if not scope["method"]:
                await receive()  # the request could not be read; this raises the reason
            await self._app(scope, receive, send_named)
        except ClientDisconnect:
            pass
        except Exception as error:
            if status != CLIENT_GONE:
                raise  # the answer has begun: only a cut connection can tell the client
            await _render(error, scope, receive, send_named)
        finally:
            self._record(scope, status, perf_counter() - started)
        return None

    def _record(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", UNMATCHED)
        self._metrics.count_request(route, status, seconds)
        if self._access_log:
            logger.info(
                "request",
                extra=fields(
                    request_id=scope["state"]["request_id"],
                    method=scope["method"] if scope["method"] in METHODS else "other",
                    route=route,
                    status=status,
                    milliseconds=round(seconds * 1000, 3),
                ),
            )


async def _render(error: Exception, scope: Scope, receive: Receive, send: Send) -> None:
    """Send the problem document for an error."""
    if isinstance(error, Overloaded):
        await asyncio.sleep(OVERLOADED_SECONDS)
    await problems.response(scope, error)(scope, receive, send)


def _request_id(scope: Scope) -> bytes:
    """Return the client's id for the request if it is well-formed, otherwise a new one."""
    for name, value in scope["headers"]:
        if name == b"x-request-id" and REQUEST_ID.fullmatch(value):
            return bytes(value)
    return secrets.token_hex(16).encode()
