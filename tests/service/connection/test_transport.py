import asyncio
import socket

import pytest

from service.connection.deadlines import Pace
from service.connection.transport import MAX_HELD_BYTES, EndOfTurn, Transport


@pytest.fixture
def ends():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.settimeout(5)
        ours.setblocking(False)
        yield ours, theirs


def run(ours, use, sending=False):
    """Call `use` with a transport over a socket, then let the loop turn."""

    async def live():
        loop = asyncio.get_running_loop()
        inner, _ = await loop.create_connection(asyncio.Protocol, sock=ours)
        use(Transport(inner, loop, EndOfTurn(), Pace(1, 1), stop_reading=lambda: sending))
        await asyncio.sleep(0.1)
        inner.abort()
        await asyncio.sleep(0)

    asyncio.run(live())


def test_writes_in_one_turn_are_sent_together(ends):
    ours, theirs = ends

    def write(transport):
        transport.write(b"head")
        transport.write(b"body")

    run(ours, write)
    assert theirs.recv(100) == b"headbody"


def test_a_single_write_is_sent_at_the_end_of_the_turn(ends):
    ours, theirs = ends
    run(ours, lambda transport: transport.write(b"head"))

    assert theirs.recv(100) == b"head"


def test_a_flush_sends_at_once(ends):
    ours, theirs = ends

    def write_and_flush(transport):
        transport.write(b"head")
        transport.write(b"body")
        transport.flush()
        assert theirs.recv(100) == b"headbody"

    run(ours, write_and_flush)


class Holding:
    """A transport that holds data, and notes in a diary when it sends it."""

    def __init__(self, name, diary, works=True):
        self.name, self.diary, self.works = name, diary, works

    def flush(self):
        if not self.works:
            raise OSError(self.name)
        self.diary.append(self.name)

    def abort(self):
        self.diary.append(f"{self.name} aborted")


def end_of_turn(*, first_works):
    """Return in which order two transports and another callback of one turn did their work."""
    diary, turn = [], EndOfTurn()

    async def live():
        loop = asyncio.get_running_loop()
        turn.add(Holding("first", diary, first_works), loop)
        loop.call_soon(diary.append, "another callback")
        turn.add(Holding("second", diary), loop)
        assert diary == []
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    asyncio.run(live())
    return diary


def test_the_responses_of_a_turn_are_sent_at_its_end():
    assert end_of_turn(first_works=True) == ["first", "second", "another callback"]


def test_a_response_that_cannot_be_sent_does_not_stop_the_others(caplog):
    assert end_of_turn(first_works=False) == ["first aborted", "second", "another callback"]
    assert "a response cannot be sent" in caplog.text


def test_held_bytes_are_bounded(ends):
    ours, _ = ends

    def write(transport):
        for _ in range(100):
            transport.write(b"a" * MAX_HELD_BYTES)
        assert transport.get_write_buffer_size() > 90 * MAX_HELD_BYTES

    run(ours, write)


def test_a_lost_connection_drops_what_it_holds(ends):
    ours, theirs = ends

    def write(transport):
        transport.write(b"answer")
        transport.release()

    run(ours, write)
    theirs.setblocking(False)
    assert theirs.recv(100) == b""


def test_closing_sends_what_is_held(ends):
    ours, theirs = ends

    def write_and_close(transport):
        transport.write(b"head")
        transport.close()
        transport.write(b"too late")
        assert transport.is_closing()

    run(ours, write_and_close)
    assert theirs.recv(100) == b"head"
    assert theirs.recv(100) == b""


def test_a_client_that_still_sends_gets_the_whole_response(ends):
    ours, theirs = ends

    def write_and_close(transport):
        transport.write(b"answer")
        transport.close()
        assert theirs.recv(100) == b"answer"
        assert theirs.recv(100) == b""
        theirs.sendall(b"more")

    run(ours, write_and_close, sending=True)


def test_a_transport_whose_client_reads_nothing_is_stuck_after_one_span(ends):
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
