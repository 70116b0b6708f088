"""Pages of other origins that may call the service from a browser; off where none is named."""

from typing import Final

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api import problems
from service.errors import MalformedRequest

SENT: Final = ("Authorization", "Content-Type", "X-API-Key", "X-Request-ID")
READ: Final = ("Retry-After", "X-Request-ID")


class Cors(CORSMiddleware):
    """Starlette's, whose refusals are problem documents, and which a fault of ours passes too.

    Without the headers of this, a browser would show its page no error at all.
    """

    def __init__(self, app: ASGIApp, origins: tuple[str, ...]) -> None:
        super().__init__(
            app,
            allow_origins=origins,
            allow_methods=("GET", "POST"),
            allow_headers=SENT,
            expose_headers=READ,
        )

    def preflight_response(self, request_headers: Headers) -> Response:
        """Answer the browser's question; `MalformedRequest` if the answer is no."""
        answer = super().preflight_response(request_headers)
        if answer.status_code != 200:
            raise MalformedRequest(
                f"{bytes(answer.body).decode()}: pages of this origin may not call the service so "
                "(FASHION_CORS_ORIGINS)."
            )
        return answer

    async def simple_response(
        self, scope: Scope, receive: Receive, send: Send, request_headers: Headers
    ) -> None:
        """Pass the request on; the answer says which pages may read it."""
        begun = False

        async def send_marked(message: Message) -> None:
            nonlocal begun
            begun = True
            await self.send(message, send, request_headers)

        try:
            await self.app(scope, receive, send_marked)
        except ClientDisconnect:
            raise
        except Exception as error:
            if begun:
                raise
            await problems.response(scope, error)(scope, receive, send_marked)
