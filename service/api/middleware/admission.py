"""Who is let in: as many predictions at a time as can be answered soon."""

import asyncio
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.errors import Overloaded

PAUSE_SECONDS: Final = 0.25
"""How long a refusal is held back. A client that tries again at once would otherwise be refused
thousands of times a second, which costs as much as answering others."""

SMALL_BYTES: Final = 64 * 1024
"""Bodies up to this size are never refused for the memory that others' take."""


class Slots:
    """The requests in flight and the bytes of their bodies, against what may be at once."""

    def __init__(self, most: int, most_bytes: int) -> None:
        self.most = most
        self.most_bytes = most_bytes
        self.taken = 0
        self.held = 0

    def full(self) -> Overloaded:
        """Return the refusal for a request that finds no slot."""
        return Overloaded(
            f"{self.taken} requests are in flight, the most that are taken at once "
            "(FASHION_MAX_IN_FLIGHT): try again in a moment."
        )

    def heavy(self) -> Overloaded:
        """Return the refusal for a body that is too much together with the others."""
        return Overloaded(
            f"The bodies of all requests together have more than {self.most_bytes} bytes "
            "(FASHION_MAX_HELD_BYTES): try again in a moment."
        )


class Admission:
    """Lets a request in if a slot is free; several may share the slots.

    A slot is taken once the body is there, so slow senders take none.
    """

    def __init__(self, app: ASGIApp, slots: Slots) -> None:
        self._app = app
        self._slots = slots

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on.

        Raises:
            Overloaded: there is too much to do already; raised after a pause.
        """
        slots = self._slots
        taken = held = 0

        async def receive_admitted() -> Message:
            nonlocal taken, held
            message = await receive()
            size = len(message.get("body", b""))
            held += size
            slots.held += size
            if slots.held > slots.most_bytes and held > SMALL_BYTES:
                raise slots.heavy()
            if not taken and not message.get("more_body"):
                if slots.taken >= slots.most:
                    raise slots.full()
                slots.taken += 1
                taken = 1
            return message

        try:
            if slots.taken >= slots.most:
                raise slots.full()
            await self._app(scope, receive_admitted, send)
        except Overloaded:
            slots.held -= held
            held = 0
            await asyncio.sleep(PAUSE_SECONDS)
            raise
        finally:
            slots.taken -= taken
            slots.held -= held
