import asyncio

import pytest

from service.api.predict.admission import SMALL_BYTES, Slots
from service.errors import Overloaded


class Endpoint:
    """Reads its request and answers when it is told to."""

    def __init__(self, slots):
        self.slots = slots
        self.go = asyncio.Event()
        self.answered = 0

    def start(self, receive):
        return asyncio.create_task(self.answer(receive))

    async def answer(self, receive):
        with self.slots.admit(receive) as admitted:
            while (await admitted()).get("more_body"):
                pass
            await self.go.wait()
            self.answered += 1


def pieces(*bodies, ended=True):
    """Make the `receive` of a request whose body comes in these pieces."""
    waiting = list(bodies)

    async def receive():
        if not waiting:
            await asyncio.Event().wait()
        body = waiting.pop(0)
        return {"type": "http.request", "body": body, "more_body": bool(waiting) or not ended}

    return receive


async def settle():
    for _ in range(5):
        await asyncio.sleep(0)


def test_a_request_beyond_the_limit_is_refused():
    async def live():
        slots = Slots(2, 1000)
        endpoint = Endpoint(slots)
        admitted = [endpoint.start(pieces(b"a")) for _ in range(2)]
        await settle()
        with pytest.raises(Overloaded, match="FASHION_MAX_IN_FLIGHT"):
            await endpoint.start(pieces(b"a"))
        endpoint.go.set()
        await asyncio.gather(*admitted, endpoint.start(pieces(b"a")))
        assert endpoint.answered == 3
        assert (slots.taken, slots.held) == (0, 0)

    asyncio.run(live())


def test_an_unfinished_body_takes_no_slot():
    async def live():
        slots = Slots(1, 1000)
        endpoint = Endpoint(slots)
        slow = [endpoint.start(pieces(b"a", ended=False)) for _ in range(20)]
        await settle()
        endpoint.go.set()
        await endpoint.start(pieces(b"a"))
        assert (endpoint.answered, slots.taken, slots.held) == (1, 0, 20)
        for task in slow:
            task.cancel()
        await asyncio.gather(*slow, return_exceptions=True)
        assert slots.held == 0

    asyncio.run(live())


def test_only_large_bodies_are_refused_when_all_bodies_are_too_large_together():
    async def live():
        slots = Slots(10, 4 * SMALL_BYTES)
        endpoint = Endpoint(slots)
        endpoint.go.set()
        slow = endpoint.start(pieces(bytes(4 * SMALL_BYTES), ended=False))
        await settle()
        with pytest.raises(Overloaded, match="FASHION_MAX_HELD_BYTES"):
            await endpoint.start(pieces(bytes(SMALL_BYTES + 1)))
        await endpoint.start(pieces(bytes(SMALL_BYTES)))
        assert endpoint.answered == 1
        assert slots.held == 4 * SMALL_BYTES
        slow.cancel()

    asyncio.run(live())


def test_a_failing_endpoint_gives_its_slot_back():
    async def fail(slots):
        with slots.admit(pieces(b"a")) as admitted:
            await admitted()
            raise ZeroDivisionError

    slots = Slots(1, 1000)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            asyncio.run(fail(slots))
    assert (slots.taken, slots.held) == (0, 0)
