"""Dynamic batching: requests that arrive together share one call of the model.

A batch takes all requests of one turn of the event loop, and all that arrived during the previous
call. No request waits for others to arrive: a timer would cost a lone client four fifths of its
throughput.
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
"""A longer call runs in a thread, because it would block the event loop.

A hop to a thread and back costs 0.1 ms, too much for shorter calls."""

PROBE_ROWS: Final = 32
"""The batch size at which the cost of a picture is measured."""


class _Request(NamedTuple):
    pixels: Pixels
    future: asyncio.Future[Rows]


class Batcher:
    """A bounded queue in front of one model, which runs one call at a time.

    A call takes at most `batch_size` pictures; at most `queue_length` pictures may wait.
    """

    def __init__(self, model: Model, *, batch_size: int, queue_length: int) -> None:
        self._model = model
        self._batch_size = batch_size
        self._queue_length = queue_length
        self._queue: deque[_Request] = deque()
        self._queued = 0  # pictures, not requests
        self._scheduled = False
        self._inline_rows = int(INLINE_SECONDS / _seconds_per_row(model))
        self._task: asyncio.Task[None] | None = None  # a reference, or it may be collected midway

    async def predict(self, pixels: Pixels) -> Rows:
        """Return a row of the model's output for each picture of uint8[n, 28, 28].

        Raises:
            Overloaded: the queue is full.
        """
        if len(pixels) > self._batch_size:
            starts = range(0, len(pixels), self._batch_size)
            parts = [await self.predict(pixels[i : i + self._batch_size]) for i in starts]
            return np.concatenate(parts)
        if self._queued + len(pixels) > self._queue_length:
            raise Overloaded(
                f"{self._queued} pictures are waiting for the model, and at most "
                f"{self._queue_length} may",
                "FASHION_QUEUE_LENGTH",
            )
        request = _Request(pixels, asyncio.get_running_loop().create_future())
        self._queue.append(request)
        self._queued += len(pixels)
        if not self._scheduled:
            self._schedule()
        return await request.future

    def _schedule(self) -> None:
        """Dispatch a batch after all requests of this turn of the event loop are queued."""
        self._scheduled = True
        asyncio.get_running_loop().call_soon(self._dispatch)

    def _dispatch(self) -> None:
        batch = self._next_batch()
        if sum(len(request.pixels) for request in batch) <= self._inline_rows:
            self._complete(batch, _run(self._model, batch))
        else:
            self._task = asyncio.create_task(self._dispatch_to_thread(batch))

    async def _dispatch_to_thread(self, batch: list[_Request]) -> None:
        self._complete(batch, await asyncio.to_thread(_run, self._model, batch))

    def _next_batch(self) -> list[_Request]:
        """Dequeue the requests that fit into one call, and drop cancelled ones."""
        batch: list[_Request] = []
        size = 0
        while self._queue and size + len(self._queue[0].pixels) <= self._batch_size:
            request = self._queue.popleft()
            self._queued -= len(request.pixels)
            if not request.future.done():
                batch.append(request)
                size += len(request.pixels)
        return batch

    def _complete(self, batch: list[_Request], outcome: Rows | Exception) -> None:
        """Resolve the futures of a batch; a failed call fails this batch alone."""
        start = 0
        for request in batch:
            end = start + len(request.pixels)
            if request.future.done():  # cancelled while the model ran
                pass
            elif isinstance(outcome, Exception):
                request.future.set_exception(outcome)
            else:
                request.future.set_result(outcome[start:end])
            start = end
        self._scheduled = False
        if self._queue:
            self._schedule()


def _run(model: Model, batch: list[_Request]) -> Rows | Exception:
    """Return the model's output for a whole batch, or the exception it raised."""
    if not batch:
        return np.empty((0, 0), np.float32)
    try:
        return model(to_rows(np.concatenate([request.pixels for request in batch])))
    except Exception as error:
        return error


def _seconds_per_row(model: Model) -> float:
    """Measure the cost of a picture in a batch, after a first call that allocates memory."""
    rows = np.zeros((PROBE_ROWS, ROW), np.float32)
    model(rows)
    started = perf_counter()
    model(rows)
    return (perf_counter() - started) / PROBE_ROWS
