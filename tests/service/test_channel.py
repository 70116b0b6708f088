import os
import socket
import threading

import pytest

from service.channel import receive_block, send_block


@pytest.fixture
def ends():
    first, second = socket.socketpair()
    with first, second:
        yield first, second


@pytest.mark.parametrize("size", [0, 1, 5_000_000])
def test_a_block_arrives_as_it_was_sent(ends, size):
    data = os.urandom(size)
    sender = threading.Thread(target=send_block, args=(ends[0], data))
    sender.start()

    assert receive_block(ends[1]) == data
    sender.join()


def test_blocks_stay_apart(ends):
    send_block(ends[0], b"one")
    send_block(ends[0], b"two")

    assert [receive_block(ends[1]), receive_block(ends[1])] == [b"one", b"two"]


@pytest.mark.parametrize("sent", [b"", b"\0\0", b"\0\0\0\0\0\0\0\5abc"])
def test_a_sender_that_is_gone_sends_no_block(ends, sent):
    ends[0].sendall(sent)
    ends[0].close()

    assert receive_block(ends[1]) is None
