"""The service's app called as a server would call it, without a socket."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from itertools import cycle

from starlette.types import Message, Receive, Scope

from benchmarks.bodies import Body
from service.api.app import create_app
from service.config.settings import Settings
from service.model.examined import ExaminedModel


def scope_of(body: Body) -> Scope:
    """Return the scope of a request with this body, with headers as clients send them."""
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "server": ("127.0.0.1", 8000),
        "client": ("127.0.0.1", 50000),
        "scheme": "http",
        "method": "POST",
        "root_path": "",
        "path": "/predict",
        "raw_path": b"/predict",
        "query_string": b"",
        "headers": [
            (b"host", b"127.0.0.1"),
            (b"content-type", body.content_type.encode()),
            (b"content-length", str(len(body.data)).encode()),
        ],
    }


def receive_of(body: Body) -> Receive:
    """Return what gives an app the whole body at once."""

    async def receive() -> Message:
        return {"type": "http.request", "body": body.data, "more_body": False}

    return receive


class App:
    """The whole app, with everything that happens around a request."""

    def __init__(self, settings: Settings, model: ExaminedModel) -> None:
        self._app = create_app(settings, model)

    def turns(self, bodies: Sequence[Body], together: int) -> Callable[[int], Awaitable[None]]:
        """Return what answers so many times `together` requests that come at once."""
        turn = cycle(bodies)

        async def run(number: int) -> None:
            for _ in range(number):
                calls = [self._answer(next(turn)) for _ in range(together)]
                await (asyncio.gather(*calls) if together > 1 else calls[0])

        return run

    async def _answer(self, body: Body) -> None:
        statuses: list[int] = []

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])

        await self._app(scope_of(body), receive_of(body), send)
        if statuses != [200]:
            raise RuntimeError(f"the app answered {statuses}")
