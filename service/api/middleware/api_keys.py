"""Who may use what: the keys, asked for before a body is read."""

from enum import Enum
from hashlib import sha256
from hmac import compare_digest
from typing import Final, Literal

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api import problems
from service.config.keys import Keys
from service.errors import AdminDisabled, FashionError, MissingKey, WrongKey


class Asks(Enum):
    """Which key a path asks for; an admin's key is good for users' paths too."""

    NONE = "none"
    USER = "user"
    ADMIN = "admin"


PATHS: Final = {
    "/": Asks.NONE,
    "/docs": Asks.NONE,
    "/openapi.json": Asks.NONE,
    "/livez": Asks.NONE,
    "/readyz": Asks.NONE,
    "/problems": Asks.NONE,
    "/metrics": Asks.NONE,
    "/model/reload": Asks.ADMIN,
}
"""What exact paths ask for. Each path that is not here, and not under OPEN, asks for a user's."""

OPEN: Final = ("/docs/", "/problems/")

BEARER: Final = b"bearer "


def asked(path: str) -> Asks:
    """Return which key a path asks for, where no setting says otherwise."""
    return PATHS.get(path, Asks.NONE if path.startswith(OPEN) else Asks.USER)


class Access:
    """Lets a request through if it shows the key that its path asks for."""

    def __init__(
        self, app: ASGIApp, keys: Keys, metrics_key: Literal["none", "user", "admin"]
    ) -> None:
        self._app = app
        self._keys = keys
        self._set = {"/metrics": Asks(metrics_key)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer why not; nothing of its body has been read then."""
        asks = self._asks(scope["path"]) if scope["type"] == "http" else Asks.NONE
        if asks is Asks.NONE:
            return await self._app(scope, receive, send)
        refusal = self._refusal(asks, _shown_key(scope))
        if refusal:
            return await problems.response(scope, refusal)(scope, receive, send)

        async def send_uncached(message: Message) -> None:
            """A cache between us would give the answer to those without a key, too."""
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"cache-control", b"no-store")]
            await send(message)

        return await self._app(scope, receive, send_uncached if self._keys.user else send)

    def _asks(self, path: str) -> Asks:
        asks = self._set.get(path) or asked(path)
        return Asks.NONE if asks is Asks.USER and not self._keys.user else asks

    def _refusal(self, asks: Asks, key: bytes) -> FashionError | None:
        known = self._keys.admin
        if asks is Asks.ADMIN and not known:
            return AdminDisabled(
                "There is no admin key, and without one nobody may do this: whoever runs the "
                "service sets FASHION_ADMIN_KEY."
            )
        if asks is Asks.USER:
            known += self._keys.user
        if not key:
            return MissingKey(
                "This needs a key: send it as X-API-Key: KEY, or as Authorization: Bearer KEY."
            )
        if not _is_among(key, known):
            return WrongKey("The key is not one that may do this: check it, or ask for another.")
        return None


def _shown_key(scope: Scope) -> bytes:
    """Return the key in the headers, X-API-Key before Authorization; nothing if there is none."""
    bearer = b""
    for name, value in scope["headers"]:
        if name == b"x-api-key" and value:
            return bytes(value)
        if name == b"authorization" and value[: len(BEARER)].lower() == BEARER:
            bearer = value[len(BEARER) :].strip()
    return bearer


def _is_among(key: bytes, known: tuple[bytes, ...]) -> bool:
    """Compare with all of them, so that the time tells nothing of which one is near."""
    digest = sha256(key).digest()
    return sum([compare_digest(digest, one) for one in known]) > 0
