import asyncio
import threading
import time

import numpy as np
import pytest

from service.errors import Overloaded
from service.model.batcher import Batcher


class Model:
    """Returns ten copies of each row's first number, and records its calls."""

    def __init__(self, seconds=0.0, broken=()):
        self.sizes, self.threads = [], set()
        self.seconds, self.broken = seconds, broken

    def __call__(self, rows):
        self.sizes.append(len(rows))
        self.threads.add(threading.current_thread())
        time.sleep(self.seconds * len(rows))
        if len(self.sizes) in self.broken:
            raise RuntimeError("the engine failed")
        return np.repeat(rows[:, :1], 10, axis=1)

    @property
    def calls(self):
        """The batch sizes after the two calls that measure the model at the start."""
        return self.sizes[2:]


def picture(number):
    return np.full((1, 28, 28), number, np.uint8)


def pictures(count):
    return np.concatenate([picture(number) for number in range(count)])


def numbers(rows):
    """Return the pictures' numbers from the model's output."""
    return np.round(rows[:, 0] * 255).astype(int).tolist()


def in_one_turn(batcher, count):
    """Send requests in one turn of the event loop; return outputs or exceptions."""

    async def send():
        sent = [batcher.predict(picture(number)) for number in range(count)]
        return await asyncio.gather(*sent, return_exceptions=True)

    return asyncio.run(send())


def with_cancellation(batcher, count, cancelled, seconds=0.0):
    """Send requests, and cancel one after some seconds; return outputs or exceptions."""

    async def send():
        tasks = [asyncio.create_task(batcher.predict(picture(n))) for n in range(count)]
        await asyncio.sleep(seconds)
        tasks[cancelled].cancel()
        return await asyncio.gather(*tasks, return_exceptions=True)

    return asyncio.run(send())


def test_requests_of_one_turn_share_a_call_and_each_gets_its_own_rows():
    model = Model()
    outputs = in_one_turn(Batcher(model, batch_size=64, queue_length=100), 50)

    assert model.calls == [50]
    assert [output.shape for output in outputs] == [(1, 10)] * 50
    assert numbers(np.concatenate(outputs)) == list(range(50))


@pytest.mark.parametrize(("count", "calls"), [(50, [20, 20, 10]), (1, [1])])
def test_a_batch_is_never_too_large_and_a_lone_request_does_not_wait(count, calls):
    model = Model()
    in_one_turn(Batcher(model, batch_size=20, queue_length=100), count)

    assert model.calls == calls


def test_a_full_queue_refuses_new_requests_and_serves_the_queued_ones():
    outputs = in_one_turn(Batcher(Model(), batch_size=5, queue_length=8), 10)

    assert [type(output) for output in outputs[8:]] == [Overloaded, Overloaded]
    assert numbers(np.concatenate(outputs[:8])) == list(range(8))
    assert "FASHION_QUEUE_LENGTH" in str(outputs[9])


def test_a_cancelled_request_does_not_harm_its_neighbours():
    model = Model()
    outputs = with_cancellation(Batcher(model, batch_size=64, queue_length=100), 4, cancelled=1)

    assert isinstance(outputs.pop(1), asyncio.CancelledError)
    assert numbers(np.concatenate(outputs)) == [0, 2, 3]
    assert model.calls == [3]


def test_a_request_cancelled_while_a_thread_works_does_not_harm_its_neighbours():
    batcher = Batcher(Model(seconds=0.002), batch_size=64, queue_length=100)
    outputs = with_cancellation(batcher, 20, cancelled=0, seconds=0.01)

    assert numbers(np.concatenate(outputs[1:])) == list(range(1, 20))


def test_a_batch_of_cancelled_requests_does_not_stop_the_batcher():
    batcher = Batcher(Model(), batch_size=64, queue_length=100)

    async def send():
        task = asyncio.create_task(batcher.predict(picture(1)))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.sleep(0.01)
        return await batcher.predict(picture(2))

    assert numbers(asyncio.run(send())) == [2]


def test_a_failed_call_fails_its_own_batch_alone():
    model = Model(broken=(3,))  # the first call after the two that measure
    outputs = in_one_turn(Batcher(model, batch_size=2, queue_length=100), 4)

    assert [type(output) for output in outputs[:2]] == [RuntimeError, RuntimeError]
    assert numbers(np.concatenate(outputs[2:])) == [2, 3]


def test_a_slow_call_runs_in_a_thread_and_does_not_block_the_loop():
    model = Model(seconds=0.002)
    batcher = Batcher(model, batch_size=64, queue_length=100)
    turns = 0

    async def send():
        nonlocal turns
        outputs = asyncio.gather(*(batcher.predict(picture(n)) for n in range(30)))
        while not outputs.done():
            turns += 1
            await asyncio.sleep(0.001)
        return await outputs

    assert numbers(np.concatenate(asyncio.run(send()))) == list(range(30))
    assert len(model.threads) == 2
    assert turns > 5


def test_requests_that_arrive_while_a_thread_works_share_the_next_call():
    model = Model(seconds=0.002)
    batcher = Batcher(model, batch_size=64, queue_length=100)

    async def send():
        first = [asyncio.create_task(batcher.predict(picture(n))) for n in range(20)]
        await asyncio.sleep(0.01)
        second = [asyncio.create_task(batcher.predict(picture(n))) for n in range(9)]
        await asyncio.gather(*first, *second)

    asyncio.run(send())
    assert model.calls == [20, 9]


def test_the_pictures_of_one_request_stay_together_and_in_order():
    model = Model()
    batcher = Batcher(model, batch_size=64, queue_length=100)

    async def send():
        return await asyncio.gather(batcher.predict(pictures(40)), batcher.predict(pictures(40)))

    assert [numbers(output) for output in asyncio.run(send())] == [list(range(40))] * 2
    assert model.calls == [40, 40]


def test_a_request_larger_than_a_batch_takes_several_calls():
    model = Model()
    batcher = Batcher(model, batch_size=16, queue_length=100)

    assert numbers(asyncio.run(batcher.predict(pictures(40)))) == list(range(40))
    assert model.calls == [16, 16, 8]
