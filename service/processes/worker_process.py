"""A worker process as the supervisor sees it."""

import os
import socket
import struct
import subprocess
import sys
import time
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.reduction import send_handle
from typing import Final

from service.processes.messages import Assignment, Notice, Report, ToWorker

DRAIN_SECONDS: Final = 25
"""How long a worker may take to answer the requests in flight after SIGTERM."""

KILL_SECONDS: Final = DRAIN_SECONDS + 5
"""How long after SIGTERM a worker is killed."""

SEND_SECONDS: Final = 10
"""How long a worker may take to read a message before it is killed."""

PING_SECONDS: Final = 1

MAX_UNANSWERED: Final = 8
"""Pings in a row that a worker may leave unanswered. Pings are counted rather than seconds: while
the machine or the supervisor is suspended, no time passes for the workers either."""

MAX_UNANSWERED_AT_START: Final = 120
"""The same for a worker that loads its libraries or its first model, perhaps on a slow disk."""

MALLOC_SETTINGS: Final = {
    "MALLOC_MMAP_THRESHOLD_": "1048576",
    "MALLOC_TRIM_THRESHOLD_": "8388608",
}
"""glibc returns blocks above the threshold to the system at once. By default it raises the
threshold as it runs, and a worker then keeps 40 MiB more after a thousand large uploads."""


@dataclass(eq=False)
class WorkerProcess:
    """One worker: its process, the connection to it, and the socket it listens on."""

    process: subprocess.Popen[bytes]
    connection: Connection
    listener: socket.socket = field(init=False)
    has_model: bool = False
    ready: bool = False
    unanswered: int = 0
    started: float = field(default_factory=time.monotonic)

    def assign(self, listener: socket.socket, metrics_folder: str | None) -> None:
        """Hand over the listening socket and the metrics folder, which the worker waits for."""
        self.listener = listener
        self.send(Assignment(metrics_folder))
        try:
            send_handle(self.connection, listener.fileno(), self.process.pid)
        except OSError:
            self.process.kill()

    def send(self, message: ToWorker) -> None:
        """Send a message; kill the worker if it is gone or does not read."""
        try:
            self.connection.send(message)
        except OSError:
            self.process.kill()

    def receive(self) -> Report | None:
        """Return the message that has arrived, or None if the worker is gone."""
        try:
            report: Report = self.connection.recv()
        except (EOFError, OSError):
            return None
        self.unanswered = 0
        self.ready = self.ready or report is Report.READY
        return report

    def ping(self) -> bool:
        """Ping the worker; return False if it has left too many pings unanswered."""
        self.unanswered += 1
        if self.ready:
            self.send(Notice.PING)
        return self.unanswered <= (MAX_UNANSWERED if self.ready else MAX_UNANSWERED_AT_START)

    def reap(self) -> int:
        """Wait for the process, which is gone, and return its exit code."""
        self.connection.close()
        return self.process.wait()

    def kill(self) -> None:
        """Kill the process, if it still runs, and reap it."""
        self.process.kill()
        self.reap()


def start_worker() -> WorkerProcess:
    """Start a process that loads its libraries and waits for its assignment."""
    ours, theirs = socket.socketpair()
    timeout = struct.pack("ll", SEND_SECONDS, 0)
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, timeout)
    process = subprocess.Popen(
        [sys.executable, "-m", "service.processes.worker", str(theirs.fileno())],
        pass_fds=[theirs.fileno()],
        env=os.environ | MALLOC_SETTINGS,
        process_group=0,  # Ctrl-C goes to the supervisor, which passes it on once
    )
    theirs.close()
    return WorkerProcess(process, Connection(ours.detach()))
