"""Two hundred slow clients, next to one that wants an answer."""

import itertools
import selectors
import time
from contextlib import ExitStack

from tests.server import running_server
from tests.wire import connect

CLIENTS = 200
CUT_SECONDS = 45
ANSWER_SECONDS = 5

HEAD = b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\n"
LENGTH = b"Content-Length: 16000000\r\n\r\n"

TRICKLES = (
    (HEAD, b"X-Slow: a\r\n"),
    (HEAD + LENGTH, b"a"),
    (HEAD + LENGTH + b"a" * 1_000_000, b""),
    (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1;" + b"e" * 50 + b"\r\na\r\n"),
)
"""What each kind of slow client sends first, and what it repeats."""


class SlowClient:
    """A connection that sends a little at a time, and how long the server let it."""

    def __init__(self, connection, start, piece):
        self.connection = connection
        self.waiting = start
        self.piece = piece
        self.answer = b""
        self.began = time.monotonic()
        self.seconds = None
        connection.setblocking(False)

    def send(self):
        """Send a piece, after what could not be sent before."""
        self.waiting += self.piece
        try:
            while self.waiting:
                self.waiting = self.waiting[self.connection.send(self.waiting) :]
        except (BlockingIOError, ConnectionError):
            return  # the server reads no more for now, or has answered

    def read(self):
        """Read what has arrived; note the time of the end."""
        try:
            data = self.connection.recv(65536)
        except ConnectionError:
            data = b""
        self.answer += data
        if not data:
            self.seconds = time.monotonic() - self.began


def wait_until_all_are_cut(clients, meanwhile):
    """Run the clients until all are cut, or should be; call `meanwhile` all the time."""
    selector = selectors.DefaultSelector()
    for client in clients:
        selector.register(client.connection, selectors.EVENT_READ, client)
    began = time.monotonic()
    while selector.get_map() and time.monotonic() - began < CUT_SECONDS:
        for key, _ in selector.select(0):
            key.data.read()
            if key.data.seconds is not None:
                selector.unregister(key.fileobj)
        for key in list(selector.get_map().values()):
            key.data.send()
        for _ in range(5):
            meanwhile()
            time.sleep(0.1)


def test_slow_clients_are_cut_and_other_clients_do_not_notice(png, real_pixels):
    picture = png(real_pixels[0])
    seconds = []
    with ExitStack() as stack:
        server = stack.enter_context(running_server(access_log=False))
        client = stack.enter_context(server.client())

        def ask():
            asked = time.monotonic()
            assert client.post("/predict", files={"file": picture}).status_code == 200
            seconds.append(time.monotonic() - asked)

        kinds = itertools.islice(itertools.cycle(TRICKLES), CLIENTS)
        slow = [SlowClient(stack.enter_context(connect(server)), *kind) for kind in kinds]
        wait_until_all_are_cut(slow, meanwhile=ask)

    cut = [client.seconds or CUT_SECONDS for client in slow]
    print(f"{len(seconds)} answers, the slowest {max(seconds):.3f} s; cut after {max(cut):.1f} s")
    assert max(seconds) < ANSWER_SECONDS
    assert max(cut) < CUT_SECONDS
    assert {client.answer[:13] for client in slow} == {b"HTTP/1.1 408 "}
