import asyncio
import socket

import pytest

from service.connection.deadlines import Pace
from service.connection.transport import MOST_HELD, Transport, Turn


@pytest.fixture
def ends():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.settimeout(5)
        ours.setblocking(False)
        yield ours, theirs


def run(ours, use, hold=False):
    """Call `use` with a transport over a socket, then let the loop turn."""

    async def live():
        loop = asyncio.get_running_loop()
        inner, _ = await loop.create_connection(asyncio.Protocol, sock=ours)
        use(Transport(inner, loop, Turn(), Pace(1, 1), hold=lambda: hold))
        await asyncio.sleep(0.1)
        inner.abort()
        await asyncio.sleep(0)

    asyncio.run(live())


def test_what_is_written_in_one_turn_leaves_together(ends):
    ours, theirs = ends

    def write(transport):
        transport.write(b"head")
        transport.write(b"body")

    run(ours, write)
    assert theirs.recv(100) == b"headbody"


def test_a_write_by_itself_leaves_at_the_end_of_the_turn(ends):
    ours, theirs = ends
    run(ours, lambda transport: transport.write(b"head"))

    assert theirs.recv(100) == b"head"


def test_a_flush_does_not_wait_for_the_end_of_the_turn(ends):
    ours, theirs = ends

    def write_and_flush(transport):
        transport.write(b"head")
        transport.write(b"body")
        transport.flush()
        assert theirs.recv(100) == b"headbody"

    run(ours, write_and_flush)


class Holding:
    """What has something to send, and writes down that it was told to."""

    def __init__(self, name, diary, works=True):
        self.name, self.diary, self.works = name, diary, works

    def flush(self):
        if not self.works:
            raise OSError(self.name)
        self.diary.append(self.name)

    def abort(self):
        self.diary.append(f"{self.name} aborted")


def end_of_turn(*, first_works):
    """Return what two transports of one turn, and another's work in it, did in their order."""
    diary, turn = [], Turn()

    async def live():
        loop = asyncio.get_running_loop()
        turn.add(Holding("first", diary, first_works), loop)
        loop.call_soon(diary.append, "another's work")
        turn.add(Holding("second", diary), loop)
        assert diary == []
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    asyncio.run(live())
    return diary


def test_the_answers_of_a_turn_leave_one_after_another_at_its_end():
    assert end_of_turn(first_works=True) == ["first", "second", "another's work"]


def test_an_answer_that_cannot_be_sent_leaves_the_others_alone(caplog):
    assert end_of_turn(first_works=False) == ["first aborted", "second", "another's work"]
    assert "an answer cannot be sent" in caplog.text


def test_what_is_held_is_bounded(ends):
    ours, _ = ends

    def write(transport):
        for _ in range(100):
            transport.write(b"a" * MOST_HELD)
        assert transport.get_write_buffer_size() > 90 * MOST_HELD

    run(ours, write)


def test_what_is_held_goes_with_a_lost_connection(ends):
    ours, theirs = ends

    def write(transport):
        transport.write(b"answer")
        transport.let_go()

    run(ours, write)
    theirs.setblocking(False)
    assert theirs.recv(100) == b""


def test_closing_sends_what_is_held_first(ends):
    ours, theirs = ends

    def write_and_close(transport):
        transport.write(b"head")
        transport.close()
        transport.write(b"too late")
        assert transport.is_closing()

    run(ours, write_and_close)
    assert theirs.recv(100) == b"head"
    assert theirs.recv(100) == b""


def test_a_client_that_still_sends_may_go_on_and_sees_the_end_of_the_answer(ends):
    ours, theirs = ends

    def write_and_close(transport):
        transport.write(b"answer")
        transport.close()
        assert theirs.recv(100) == b"answer"
        assert theirs.recv(100) == b""
        theirs.sendall(b"more")

    run(ours, write_and_close, hold=True)


def test_what_nobody_takes_is_stuck_after_its_time(ends):
    ours, _ = ends

    def fill(transport):
        assert not transport.is_stuck(now=0)
        transport.write(b"a" * 2**20)
        transport.write(b"a" * 2**20)
        transport.flush()
        assert not transport.is_stuck(now=0.5)
        assert not transport.is_stuck(now=1)
        assert transport.is_stuck(now=2)

    run(ours, fill)
