import asyncio
import os
import socket
import threading

import pytest

from service.model_file.examiner import Limits
from service.processes.messages import (
    Kind,
    Message,
    Place,
    Plan,
    encode,
    receive,
    receive_next,
    receive_place,
    send,
    send_place,
)


@pytest.fixture
def ends():
    first, second = socket.socketpair()
    with first, second:
        yield first, second


@pytest.mark.parametrize("size", [0, 1, 5_000_000])
def test_a_message_arrives_as_it_was_sent(ends, size):
    message = Message(Kind.MODEL, os.urandom(size))
    sender = threading.Thread(target=send, args=(ends[0], message))
    sender.start()

    assert receive(ends[1]) == message
    sender.join()


def test_messages_stay_apart(ends):
    send(ends[0], Message(Kind.READY))
    send(ends[0], Message(Kind.CANDIDATE, b"two"))

    assert receive(ends[1]) == Message(Kind.READY)
    assert receive(ends[1]) == Message(Kind.CANDIDATE, b"two")


CUT = [b"", b"\1\0", encode(Message(Kind.MODEL, b"abcde"))[:-1]]


@pytest.mark.parametrize("sent", CUT)
def test_a_sender_that_is_gone_sends_no_message(ends, sent):
    ends[0].sendall(sent)
    ends[0].close()

    assert receive(ends[1]) is None


@pytest.mark.parametrize("sent", CUT)
def test_the_event_loop_receives_the_same(ends, sent):
    async def receive_all():
        reader, writer = await asyncio.open_connection(sock=ends[1])
        received = [await receive_next(reader), await receive_next(reader)]
        writer.close()
        return received

    send(ends[0], Message(Kind.MODEL, b"abc"))
    ends[0].sendall(sent)
    ends[0].close()

    assert asyncio.run(receive_all()) == [Message(Kind.MODEL, b"abc"), None]


def test_a_place_arrives_before_the_messages(ends):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        send_place(ends[0], Place(listener, "/folder"))
        send(ends[0], Message(Kind.READY))
        place = receive_place(ends[1])

        with place.listener:
            assert place.listener.getsockname() == listener.getsockname()
    assert place.metrics_folder == "/folder"
    assert receive(ends[1]) == Message(Kind.READY)


def test_a_supervisor_that_is_gone_gives_no_place(ends):
    ends[0].close()

    assert receive_place(ends[1]) is None


def test_a_plan_survives_the_way_to_the_supervisor():
    plan = Plan("::1", 0, 3, "models/one.h5", 0.5, 5, "debug", Limits(seconds=7))

    assert Plan.from_json(plan.to_json()) == plan
