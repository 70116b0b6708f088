"""A worker that dies or hangs, and a service that shuts down, under load."""

import os
import signal
import socket
import threading
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPException, HTTPResponse
from pathlib import Path

import pytest

from tests.hostile.process import children
from tests.problem import assert_problem
from tests.server import running_server

CLIENTS = 16
EXIT_SECONDS = 30
DELAY = 1

ENDLESS_LOOP = signal.SIGUSR1
LOOP_ON_SIGNAL = """
import signal

def loop(number, frame):
    while True:
        pass

signal.signal(signal.SIGUSR1, loop)
"""
"""Python runs this at its start, as `sitecustomize`: the signal puts a worker's event loop into an
endless loop."""

HEAD = b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\nContent-Length: %d\r\n\r\n"


@dataclass
class Load:
    """Clients that repeat a request without a pause, and their results.

    Half of them keep their connections; the others open a new one for each request. A client ends
    when its connection is refused.
    """

    server: object
    request: bytes
    statuses: Counter = field(default_factory=Counter)
    lost: list = field(default_factory=list)
    refused: int = 0
    done: threading.Event = field(default_factory=threading.Event)

    def ask(self, number):
        """Ask on one connection after another; note when and on which one an answer was lost."""
        while not self.done.is_set():
            try:
                connection = connect(self.server)
            except ConnectionError:
                self.refused += 1
                return
            opened, port = time.monotonic(), connection.getsockname()[1]
            with connection:
                try:
                    while self.exchange(connection) and number % 2 and not self.done.is_set():
                        pass
                except (OSError, HTTPException) as error:
                    self.lost.append((opened, port, error))

    def exchange(self, connection):
        """Ask once; return whether more may be asked on the connection."""
        connection.sendall(self.request)
        with HTTPResponse(connection) as answer:
            answer.begin()
            answer.read()
            self.statuses[answer.status] += 1
            return not answer.will_close


@contextmanager
def loaded(server, picture):
    """Have clients send one picture until the block ends and all answers have arrived."""
    load = Load(server, HEAD % len(picture) + picture)
    clients = [threading.Thread(target=load.ask, args=(number,)) for number in range(CLIENTS)]
    for client in clients:
        client.start()
    try:
        time.sleep(1)
        yield load
    finally:
        load.done.set()
        for client in clients:
            client.join()


def connect(server):
    """Open a connection to a running server."""
    host, port = server.url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=30)


def client_ports(pid):
    """Return the ports of the clients that a process is connected to."""
    held = {name for name in map(link, Path(f"/proc/{pid}/fd").iterdir()) if name}
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return {int(row[2].partition(":")[2], 16) for row in rows if f"socket:[{row[9]}]" in held}


def link(path):
    """Return what a descriptor refers to, or None if it was closed meanwhile."""
    try:
        return os.readlink(path)
    except FileNotFoundError:
        return None


def hit(worker, number):
    """Send a signal to a worker; return when, and the ports of the clients it was serving then."""
    os.kill(worker, signal.SIGSTOP)  # it must not accept others while we look
    while state(worker) != "T":
        time.sleep(0.001)
    served = client_ports(worker)
    os.kill(worker, number)
    if number == ENDLESS_LOOP:
        os.kill(worker, signal.SIGCONT)
    return time.monotonic(), served


def state(pid):
    """Return the state of a process as one letter."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0]


def wait_for_another(server, before):
    """Wait until a new worker has answered."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with connect(server) as connection:
            connection.sendall(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
            assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")
            port = connection.getsockname()[1]
            new = set(children(server.process.pid)) - before
            if any(port in client_ports(worker) for worker in new):
                return
        time.sleep(0.01)


def is_gone(pid):
    """Return whether a process has ended."""
    return not Path(f"/proc/{pid}").exists()


@pytest.mark.parametrize(
    ("number", "limit"), [(signal.SIGKILL, 10), (signal.SIGSTOP, 15), (ENDLESS_LOOP, 15)]
)
def test_a_worker_that_dies_or_hangs_costs_what_it_had_in_flight_and_is_replaced(
    png, real_pixels, tmp_path, monkeypatch, number, limit
):
    (tmp_path / "sitecustomize.py").write_text(LOOP_ON_SIGNAL)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with running_server(workers=2, access_log=False) as server:
        before = set(children(server.process.pid))
        with loaded(server, png(real_pixels[0])) as load:
            hit_at, served = hit(min(before), number)
            wait_for_another(server, before)
            seconds = time.monotonic() - hit_at
            time.sleep(1)
        after = children(server.process.pid)

    print(f"{signal.Signals(number).name}: replaced after {seconds:.1f} s, {len(load.lost)} lost")
    assert len(load.lost) <= len(served)
    assert {port for _, port, _ in load.lost} <= served
    assert not [lost for lost in load.lost if lost[0] > hit_at], "new connections are served"
    assert (set(load.statuses), load.refused) == ({200}, 0)
    assert seconds < limit
    assert len(after) == 2


@pytest.mark.parametrize("workers", [1, 2])
def test_a_shutdown_under_load_answers_every_accepted_request(png, real_pixels, workers):
    picture = png(real_pixels[0])
    with running_server(workers=workers, access_log=False, shutdown_delay=DELAY) as server:
        family = [server.process.pid, *children(server.process.pid)]
        with loaded(server, picture) as load, server.client() as client:
            server.process.terminate()
            told = time.monotonic()
            ready = client.get("/readyz")
            while ready.status_code == 200 and time.monotonic() < told + DELAY:
                ready = client.get("/readyz")
            answer = client.post("/predict", files={"file": picture})
            code = server.process.wait(DELAY + EXIT_SECONDS)
            seconds = time.monotonic() - told

    assert_problem(ready, 503, "shutting-down")
    assert answer.status_code == 200
    assert not load.lost
    assert set(load.statuses) == {200}
    assert load.refused == CLIENTS, "after the delay no new connection is accepted"
    assert code == 0
    assert DELAY <= seconds < DELAY + EXIT_SECONDS
    assert all(is_gone(pid) for pid in family)
