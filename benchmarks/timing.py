"""How long a function takes, in microseconds: the median of several repeats."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from itertools import cycle, islice
from statistics import median
from typing import Any, Final

REPEATS: Final = 15
SECONDS: Final = 0.02
"""How long one repeat lasts, about."""

SCALE: Final = 1e6


def time_call(call: Callable[[Any], Any], values: Sequence[Any]) -> float:
    """Return the microseconds of one call with one value; the values are taken in turn."""
    turn = cycle(values)

    async def run(number: int) -> None:
        for value in islice(turn, number):
            call(value)

    return asyncio.run(time_async(run))


def time_ready(start: Callable[[Any], Coroutine[Any, Any, Any]], values: Sequence[Any]) -> float:
    """Return the same for a coroutine that never has to wait.

    Raises:
        RuntimeError: it does wait.
    """

    def finish(value: Any) -> None:
        try:
            start(value).send(None)
        except StopIteration:
            return
        raise RuntimeError("the coroutine waits for something")

    return time_call(finish, values)


async def time_async(run: Callable[[int], Awaitable[None]]) -> float:
    """Return the microseconds of one turn of `run`, which takes as many as it is told."""
    number, seconds = 1, await _clock(run, 1)
    while seconds < SECONDS / 2:
        number = max(2 * number, int(number * SECONDS / max(seconds, 1e-6)))
        seconds = await _clock(run, number)
    return SCALE * median([await _clock(run, number) / number for _ in range(REPEATS)])


async def _clock(run: Callable[[int], Awaitable[None]], number: int) -> float:
    started = time.perf_counter()
    await run(number)
    return time.perf_counter() - started
