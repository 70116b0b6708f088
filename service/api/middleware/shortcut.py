"""The predictions' way past the router."""

from collections.abc import Iterable
from typing import Any

from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api import problems
from service.errors import REFUSAL, FashionError


class Shortcut:
    """Answers POST requests for some exact paths before the router is asked.

    FastAPI's and Starlette's layers around an endpoint, none of which these endpoints use, cost
    as much as reading the picture. The routes stay in the router too, which knows the answer to
    every other method.
    """

    def __init__(self, app: ASGIApp, routes: Iterable[Route]) -> None:
        self._app = app
        self._routes = {route.path: route for route in routes}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass the request on."""
        route = self._routes.get(scope["path"]) if scope.get("method") == "POST" else None
        if route is None:
            return await self._app(scope, _checked(receive, scope["state"]), send)
        scope["route"] = route
        try:
            await route.app(scope, receive, send)
        except FashionError as error:
            await problems.response(scope, error)(scope, receive, send)
        return None


def _checked(receive: Receive, state: dict[str, Any]) -> Receive:
    """Return a `receive` that raises what ended the reading of the request."""

    async def receive_checked() -> Message:
        message = await receive()
        if REFUSAL in state:
            raise state[REFUSAL]
        return message

    return receive_checked
