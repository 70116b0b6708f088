import asyncio
import threading
import time

import numpy as np
import pytest

from service.errors import Overloaded
from service.fashion_mnist import to_rows
from service.model.batcher import Batcher
from service.model.classifier import Classifier


class Model:
    """Answers each row with its first number, ten times over, and remembers how it was called."""

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
        """The sizes of all calls but those that measure the model at the start."""
        return self.sizes[2:]


def picture(number):
    return np.full((1, 28, 28), number, np.uint8)


def together(batcher, numbers):
    """Ask for many pictures in one turn of the event loop; return answers or errors."""

    async def ask():
        asked = [batcher.answer(picture(number)) for number in numbers]
        return await asyncio.gather(*asked, return_exceptions=True)

    return asyncio.run(ask())


def test_who_comes_in_one_turn_shares_one_call_and_gets_their_own_answer():
    model = Model()
    answers = together(Batcher(model, most=64, line=100), range(50))

    assert model.calls == [50]
    assert [answer.shape for answer in answers] == [(1, 10)] * 50
    assert [round(float(answer[0, 0]) * 255) for answer in answers] == list(range(50))


def test_no_call_takes_more_than_it_may():
    model = Model()
    together(Batcher(model, most=20, line=100), range(50))

    assert model.calls == [20, 20, 10]


def test_a_lone_request_waits_for_nobody():
    model = Model()
    together(Batcher(model, most=64, line=100), [7])

    assert model.calls == [1]


def test_a_full_line_refuses_and_serves_those_in_it():
    model = Model()
    answers = together(Batcher(model, most=5, line=8), range(10))

    assert [type(answer) for answer in answers[8:]] == [Overloaded, Overloaded]
    assert [round(float(answer[0, 0]) * 255) for answer in answers[:8]] == list(range(8))
    assert "FASHION_QUEUE_LENGTH" in str(answers[9])


def test_a_client_that_left_does_its_neighbours_no_harm():
    model = Model()
    batcher = Batcher(model, most=64, line=100)

    async def ask():
        tasks = [asyncio.create_task(batcher.answer(picture(n))) for n in range(4)]
        await asyncio.sleep(0)
        tasks[1].cancel()
        return await asyncio.gather(*tasks, return_exceptions=True)

    answers = asyncio.run(ask())
    assert isinstance(answers[1], asyncio.CancelledError)
    assert [round(float(answers[n][0, 0]) * 255) for n in (0, 2, 3)] == [0, 2, 3]
    assert model.calls == [3]


def test_a_batch_that_everybody_left_is_no_trouble():
    model = Model()
    batcher = Batcher(model, most=64, line=100)

    async def ask():
        task = asyncio.create_task(batcher.answer(picture(1)))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.sleep(0.01)
        return await batcher.answer(picture(2))

    assert round(float(asyncio.run(ask())[0, 0]) * 255) == 2


def test_a_failing_call_fails_its_own_batch_alone():
    model = Model(broken=(3,))  # the first call after the two that measure
    batcher = Batcher(model, most=2, line=100)
    answers = together(batcher, range(4))

    assert [type(answer) for answer in answers[:2]] == [RuntimeError, RuntimeError]
    assert [round(float(answer[0, 0]) * 255) for answer in answers[2:]] == [2, 3]


def test_a_costly_call_goes_to_a_thread_and_others_get_their_turn_meanwhile():
    model = Model(seconds=0.002)
    batcher = Batcher(model, most=64, line=100)
    turns = 0

    async def ask():
        nonlocal turns
        answers = asyncio.gather(*(batcher.answer(picture(n)) for n in range(30)))
        while not answers.done():
            turns += 1
            await asyncio.sleep(0.001)
        return await answers

    answers = asyncio.run(ask())
    assert [round(float(answer[0, 0]) * 255) for answer in answers] == list(range(30))
    assert len(model.threads) == 2
    assert turns > 5


def test_who_comes_while_a_thread_works_shares_the_next_call():
    model = Model(seconds=0.002)
    batcher = Batcher(model, most=64, line=100)

    async def ask():
        first = [asyncio.create_task(batcher.answer(picture(n))) for n in range(20)]
        await asyncio.sleep(0.01)
        second = [asyncio.create_task(batcher.answer(picture(n))) for n in range(9)]
        await asyncio.gather(*first, *second)

    asyncio.run(ask())
    assert model.calls == [20, 9]


def test_a_client_that_leaves_while_a_thread_works_does_no_harm():
    model = Model(seconds=0.002)
    batcher = Batcher(model, most=64, line=100)

    async def ask():
        tasks = [asyncio.create_task(batcher.answer(picture(n))) for n in range(20)]
        await asyncio.sleep(0.01)
        tasks[0].cancel()
        return await asyncio.gather(*tasks, return_exceptions=True)

    answers = asyncio.run(ask())
    assert round(float(answers[19][0, 0]) * 255) == 19


def test_many_pictures_of_one_request_stay_together_and_in_order():
    model = Model()
    batcher = Batcher(model, most=64, line=100)
    pixels = np.concatenate([picture(number) for number in range(40)])

    async def ask():
        return await asyncio.gather(batcher.answer(pixels), batcher.answer(pixels))

    for answer in asyncio.run(ask()):
        assert np.round(answer[:, 0] * 255).astype(int).tolist() == list(range(40))
    assert model.calls == [40, 40]


def test_more_pictures_than_a_call_may_take_are_answered_in_several():
    model = Model()
    batcher = Batcher(model, most=16, line=100)
    pixels = np.concatenate([picture(number) for number in range(40)])

    answer = asyncio.run(batcher.answer(pixels))

    assert np.round(answer[:, 0] * 255).astype(int).tolist() == list(range(40))
    assert model.calls == [16, 16, 8]


def test_answers_in_a_batch_equal_answers_alone(dropout, real_pixels):
    classifier = Classifier(dropout.graph)
    alone = np.concatenate([classifier.probabilities(to_rows(one)) for one in real_pixels[:200]])
    batcher = Batcher(classifier.answer, most=64, line=1000)

    async def ask():
        return await asyncio.gather(*(batcher.answer(one[None]) for one in real_pixels[:200]))

    assert np.concatenate(asyncio.run(ask())) == pytest.approx(alone, abs=1e-6)
