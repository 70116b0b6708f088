import asyncio

import pytest

from service.api.middleware.admission import PAUSE_SECONDS, SMALL_BYTES, Admission, Slots
from service.errors import Overloaded


class Endpoint:
    """Reads its request and answers when it is told to."""

    def __init__(self):
        self.go = asyncio.Event()
        self.answered = 0

    async def __call__(self, scope, receive, send):
        while (await receive()).get("more_body"):
            pass
        await self.go.wait()
        self.answered += 1


def pieces(*bodies):
    """Make the `receive` of a request whose body comes in these pieces."""
    waiting = list(bodies)

    async def receive():
        if not waiting:
            await asyncio.Event().wait()
        body = waiting.pop(0)
        return {"type": "http.request", "body": body, "more_body": bool(waiting)}

    return receive


def endless(*bodies):
    """Make the `receive` of a request whose body never ends."""
    waiting = list(bodies)

    async def receive():
        if not waiting:
            await asyncio.Event().wait()
        return {"type": "http.request", "body": waiting.pop(0), "more_body": True}

    return receive


def start(admission, receive):
    return asyncio.create_task(admission({}, receive, None))


async def settle():
    for _ in range(5):
        await asyncio.sleep(0)


def test_one_more_than_may_be_in_flight_is_refused_after_a_pause():
    async def live():
        endpoint, slots = Endpoint(), Slots(2, 1000)
        admission = Admission(endpoint, slots)
        admitted = [start(admission, pieces(b"a")) for _ in range(2)]
        await settle()
        began = asyncio.get_running_loop().time()
        with pytest.raises(Overloaded, match="FASHION_MAX_IN_FLIGHT"):
            await start(admission, pieces(b"a"))
        assert asyncio.get_running_loop().time() - began >= PAUSE_SECONDS
        endpoint.go.set()
        await asyncio.gather(*admitted, start(admission, pieces(b"a")))
        assert endpoint.answered == 3
        assert (slots.taken, slots.held) == (0, 0)

    asyncio.run(live())


def test_a_body_that_is_still_coming_takes_no_slot():
    async def live():
        endpoint, slots = Endpoint(), Slots(1, 1000)
        admission = Admission(endpoint, slots)
        slow = [start(admission, endless(b"a")) for _ in range(20)]
        await settle()
        endpoint.go.set()
        await start(admission, pieces(b"a"))
        assert (endpoint.answered, slots.taken, slots.held) == (1, 0, 20)
        for task in slow:
            task.cancel()
        await asyncio.gather(*slow, return_exceptions=True)
        assert slots.held == 0

    asyncio.run(live())


def test_large_bodies_are_refused_when_all_together_are_too_large_but_not_small_ones():
    async def live():
        endpoint, slots = Endpoint(), Slots(10, 4 * SMALL_BYTES)
        admission = Admission(endpoint, slots)
        endpoint.go.set()
        slow = start(admission, endless(bytes(4 * SMALL_BYTES)))
        await settle()
        with pytest.raises(Overloaded, match="FASHION_MAX_HELD_BYTES"):
            await start(admission, pieces(bytes(SMALL_BYTES + 1)))
        await start(admission, pieces(bytes(SMALL_BYTES)))
        assert endpoint.answered == 1
        assert slots.held == 4 * SMALL_BYTES
        slow.cancel()

    asyncio.run(live())


def test_a_slot_comes_back_when_the_endpoint_fails():
    async def broken(scope, receive, send):
        await receive()
        raise ZeroDivisionError

    slots = Slots(1, 1000)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            asyncio.run(Admission(broken, slots)({"state": {}}, pieces(b"a"), None))
    assert (slots.taken, slots.held) == (0, 0)
