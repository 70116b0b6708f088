import asyncio

import pytest

from benchmarks.timing import time_async, time_call, time_ready


def test_values_are_taken_in_turn():
    seen = []
    spent = time_call(seen.append, [1, 2, 3])

    assert spent > 0
    assert seen[:6] == [1, 2, 3, 1, 2, 3]


def test_a_coroutine_that_is_ready_needs_no_event_loop():
    async def ready(value):
        return value

    assert time_ready(ready, [1]) > 0


def test_a_coroutine_that_waits_is_refused():
    with pytest.raises(RuntimeError, match="waits"):
        time_ready(asyncio.sleep, [0])


def test_a_turn_is_told_how_many_to_do():
    told = []

    async def run(number):
        told.append(number)
        await asyncio.sleep(0.001 * number)

    assert asyncio.run(time_async(run)) > 900
    assert told[0] == 1
