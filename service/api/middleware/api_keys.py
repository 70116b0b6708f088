"""API keys: which endpoint asks for which, and the check before a request's body is read.

An endpoint declares its key as a dependency, which puts it into the OpenAPI document. Without a
declaration it asks for a user key, so nothing new is open by accident.
"""

from collections.abc import Awaitable, Sequence
from enum import IntEnum
from hashlib import sha256
from hmac import compare_digest
from typing import Annotated, Any, Final, Literal

from fastapi import Depends, Security
from fastapi.routing import APIRoute
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.config.keys import Keys
from service.errors import AdminDisabled, MissingKey, WrongKey

_HEADER: Final = APIKeyHeader(name="X-API-Key", scheme_name="key", auto_error=False)
_BEARER: Final = HTTPBearer(scheme_name="bearer", auto_error=False)

Header = Annotated[str | None, Security(_HEADER)]
Bearer = Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)]

BEARER: Final = b"bearer "


async def no_key() -> None:
    """Declare an endpoint that needs no key."""


async def metrics_key() -> None:
    """Declare an endpoint that needs the key which FASHION_METRICS_KEY names."""


async def user_key(_header: Header, _bearer: Bearer) -> None:
    """Declare an endpoint that needs a user key, if the service has any."""


async def admin_key(_header: Header, _bearer: Bearer) -> None:
    """Declare an endpoint that needs an admin key."""


NO_KEY: Final = [Depends(no_key)]
METRICS_KEY: Final = [Depends(metrics_key)]
USER_KEY: Final = [Depends(user_key)]
ADMIN_KEY: Final = [Depends(admin_key)]

KEY_OPTIONAL: Final[dict[str, Any]] = {"security": [{}]}
"""Says in the OpenAPI document that a service without user keys asks for none."""


class Level(IntEnum):
    """Who may call an endpoint; an admin key is good for everything."""

    NONE = 0
    USER = 1
    ADMIN = 2


class ApiKeys:
    """Lets a request through if it has the key that its endpoint needs."""

    def __init__(
        self,
        app: ASGIApp,
        routes: Sequence[APIRoute],
        keys: Keys,
        metrics_level: Literal["none", "user", "admin"],
    ) -> None:
        self._app = app
        self._keys = keys
        self._levels = {
            no_key: Level.NONE,
            metrics_key: Level[metrics_level.upper()],
            user_key: Level.USER if keys.user else Level.NONE,
            admin_key: Level.ADMIN,
        }
        self._patterns = [(route.path_regex, self._declared(route)) for route in routes]
        self._paths = {route.path: self._matched(route.path) for route in routes}

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Pass the request on; nothing of its body has been read yet.

        Raises:
            MissingKey, WrongKey, AdminDisabled: it does not have the key.
        """
        if scope["type"] != "http":
            return self._app(scope, receive, send)
        path = scope["path"]
        level = self._paths.get(path)
        if level is None:
            level = self._matched(path)
        if level is Level.NONE:
            return self._app(scope, receive, send)
        self._check(level, _shown_key(scope))

        async def send_uncached(message: Message) -> None:
            """Keep shared caches from giving the answer to clients without a key."""
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"cache-control", b"no-store")]
            await send(message)

        return self._app(scope, receive, send_uncached if self._keys.user else send)

    def _matched(self, path: str) -> Level:
        """Match as the router does: its patterns let a line end follow the path."""
        found = [level for pattern, level in self._patterns if pattern.match(path)]
        return max(found, default=self._levels[user_key])

    def _declared(self, route: APIRoute) -> Level:
        declared = [dependency.dependency for dependency in route.dependencies]
        found = [level for mark, level in self._levels.items() if mark in declared]
        return max(found, default=self._levels[user_key])

    def _check(self, level: Level, key: bytes) -> None:
        known = self._keys.admin
        if level is Level.ADMIN and not known:
            raise AdminDisabled
        if level is Level.USER:
            known += self._keys.user
        if not key:
            raise MissingKey
        if not _is_among(key, known):
            raise WrongKey


def _shown_key(scope: Scope) -> bytes:
    """Return the key in the headers, X-API-Key before Authorization; empty if there is none."""
    bearer = b""
    for name, value in scope["headers"]:
        if name == b"x-api-key" and value:
            return bytes(value)
        if name == b"authorization" and value[: len(BEARER)].lower() == BEARER:
            bearer = value[len(BEARER) :].strip()
    return bearer


def _is_among(key: bytes, known: tuple[bytes, ...]) -> bool:
    """Compare with every known key, so that the time taken does not depend on which one matches."""
    digest = sha256(key).digest()
    return sum([compare_digest(digest, one) for one in known]) > 0
