"""The predictions' way past the router."""

from collections.abc import Iterable

from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from service.api import problems
from service.errors import FashionError


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
            return await self._app(scope, receive, send)
        scope["route"] = route
        try:
            await route.app(scope, receive, send)
        except FashionError as error:
            await problems.response(scope, error)(scope, receive, send)
        return None
