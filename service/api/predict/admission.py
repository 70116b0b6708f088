"""Admission: only as many predictions at a time as can be answered soon."""

from typing import Final

from starlette.types import Message, Receive

from service.errors import Overloaded

SMALL_BYTES: Final = 64 * 1024
"""Bodies up to this size are never refused because of the memory that other bodies take."""


class Slots:
    """The predictions in flight and the bytes of their bodies, both limited."""

    def __init__(self, max_taken: int, max_bytes: int) -> None:
        self.max_taken = max_taken
        self.max_bytes = max_bytes
        self.taken = 0
        self.held = 0

    def admit(self, receive: Receive) -> "Admission":
        """Return a context in which one request is answered; it gives the `receive` to read from.

        The slot is taken when the whole body has arrived, so slow senders take none.

        Raises:
            Overloaded: all slots are taken; raised on entering or on reading.
        """
        return Admission(self, receive)

    def check(self) -> None:
        """Raise if no slot is free."""
        if self.taken >= self.max_taken:
            raise Overloaded(
                f"{self.taken} requests are in flight, the most allowed", "FASHION_MAX_IN_FLIGHT"
            )


class Admission:
    """One request's slot and the bytes of its body."""

    def __init__(self, slots: Slots, receive: Receive) -> None:
        self._slots = slots
        self._receive = receive
        self._taken = 0
        self._held = 0

    def __enter__(self) -> Receive:
        """Return the `receive` to read the request from."""
        self._slots.check()
        return self.receive

    async def receive(self) -> Message:
        """Return the next part of the body, counted."""
        slots = self._slots
        message = await self._receive()
        size = len(message.get("body", b""))
        self._held += size
        slots.held += size
        if slots.held > slots.max_bytes and self._held > SMALL_BYTES:
            raise Overloaded(
                f"The bodies in flight have more than {slots.max_bytes} bytes together",
                "FASHION_MAX_HELD_BYTES",
            )
        if not self._taken and not message.get("more_body"):
            slots.check()
            slots.taken += 1
            self._taken = 1
        return message

    def __exit__(self, *raised: object) -> None:
        """Free the slot and the bytes."""
        self._slots.held -= self._held
        self._slots.taken -= self._taken
