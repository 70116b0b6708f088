"""Requests that come together share one call of the model.

Whoever is in line when the model is free goes in together: everybody of one turn of the event
loop, and everybody who came while the last call ran. Nobody waits for company: a timer would
cost a lone client four fifths of its speed.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from time import perf_counter
from typing import Final, NamedTuple

import numpy as np

from service.errors import Overloaded
from service.fashion_mnist import ROW, Pixels, Rows, to_rows

Model = Callable[[Rows], Rows]

INLINE_SECONDS: Final = 0.002
"""A call that takes longer than this goes to a thread, for nobody else is answered meanwhile.

A hop to a thread and back costs 0.1 ms, so for shorter calls it would cost more than it saves."""

PROBE_ROWS: Final = 32
"""How many pictures are answered at the start to learn what one costs."""


class _Waiting(NamedTuple):
    pixels: Pixels
    answer: asyncio.Future[Rows]


class Batcher:
    """One bounded line before one model, and one model call at a time.

    `most` pictures go into one call; `line` may wait.
    """

    def __init__(self, model: Model, *, most: int, line: int) -> None:
        self._model = model
        self._most = most
        self._line_length = line
        self._line: deque[_Waiting] = deque()
        self._waiting = 0
        self._due = False
        self._inline_rows = int(INLINE_SECONDS / _seconds_per_row(model))
        self._call: asyncio.Task[None] | None = None  # kept, or it might be collected midway

    async def answer(self, pixels: Pixels) -> Rows:
        """Return a row of the model for each of uint8[n, 28, 28].

        Raises:
            Overloaded: the line is full.
        """
        if len(pixels) > self._most:
            starts = range(0, len(pixels), self._most)
            parts = [await self.answer(pixels[start : start + self._most]) for start in starts]
            return np.concatenate(parts)
        if self._waiting + len(pixels) > self._line_length:
            raise Overloaded(
                f"{self._waiting} pictures are waiting for the model, and at most "
                f"{self._line_length} may (FASHION_QUEUE_LENGTH): try again in a moment."
            )
        loop = asyncio.get_running_loop()
        waiting = _Waiting(pixels, loop.create_future())
        self._line.append(waiting)
        self._waiting += len(pixels)
        self._call_soon(loop)
        return await waiting.answer

    def _call_soon(self, loop: asyncio.AbstractEventLoop) -> None:
        """Have the line served once, after everybody of this turn has joined it."""
        if self._due:
            return
        self._due = True
        loop.call_soon(self._serve)

    def _serve(self) -> None:
        batch = self._next_batch()
        if sum(len(one.pixels) for one in batch) <= self._inline_rows:
            _hand_out(batch, _outcome(self._model, batch))
            self._go_on()
        else:
            self._call = asyncio.create_task(self._serve_in_thread(batch))

    async def _serve_in_thread(self, batch: list[_Waiting]) -> None:
        _hand_out(batch, await asyncio.to_thread(_outcome, self._model, batch))
        self._go_on()

    def _go_on(self) -> None:
        self._due = False
        if self._line:
            self._call_soon(asyncio.get_running_loop())

    def _next_batch(self) -> list[_Waiting]:
        """Take from the line what fits into one call; who left in the meantime is dropped."""
        batch: list[_Waiting] = []
        size = 0
        while self._line and size + len(self._line[0].pixels) <= self._most:
            one = self._line.popleft()
            self._waiting -= len(one.pixels)
            if not one.answer.done():
                batch.append(one)
                size += len(one.pixels)
        return batch


def _outcome(model: Model, batch: list[_Waiting]) -> Rows | Exception:
    """Return the answers to a whole batch, or why there are none."""
    if not batch:
        return np.empty((0, 0), np.float32)
    try:
        return model(to_rows(np.concatenate([one.pixels for one in batch])))
    except Exception as error:
        return error


def _hand_out(batch: list[_Waiting], outcome: Rows | Exception) -> None:
    """Give everybody in a batch what is theirs; a failed call fails this batch alone."""
    start = 0
    for one in batch:
        end = start + len(one.pixels)
        if one.answer.done():  # its client left while the model worked
            pass
        elif isinstance(outcome, Exception):
            one.answer.set_exception(outcome)
        else:
            one.answer.set_result(outcome[start:end])
        start = end


def _seconds_per_row(model: Model) -> float:
    """Measure what one picture costs in a batch; the first call pays for the memory."""
    rows = np.zeros((PROBE_ROWS, ROW), np.float32)
    model(rows)
    started = perf_counter()
    model(rows)
    return (perf_counter() - started) / PROBE_ROWS
