"""The worker processes, as the supervisor sees them."""

import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import Final

from service import channel
from service.channel import Message

SEND_SECONDS: Final = 30
"""How long a worker may take to read a message; it does nothing else for a moment at its start."""

HEAP: Final = {"MALLOC_MMAP_THRESHOLD_": "1048576", "MALLOC_TRIM_THRESHOLD_": "8388608"}
"""What glibc reads at its start: to give large bodies back to the system one by one. Left alone it
soon takes them for usual, and a worker keeps 40 MiB more after a thousand hostile pictures."""


@dataclass(eq=False)
class Worker:
    """One process that answers requests, and our ends of what it was given."""

    listener: socket.socket
    process: subprocess.Popen[bytes]
    channel: socket.socket
    ready: bool = False
    started: float = field(default_factory=time.monotonic)

    def send(self, message: Message) -> None:
        """Send a message; a worker that does not read is killed, and replaced like any other."""
        try:
            channel.send(self.channel, message)
        except OSError:
            self.process.kill()

    def receive(self) -> Message | None:
        """Return a message that has arrived; None if the worker is gone."""
        return channel.receive(self.channel)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal."""
        self.process.send_signal(number)

    def bury(self) -> int:
        """Wait for the process, which is gone, and return how it ended."""
        self.channel.close()
        return self.process.wait()


def start_worker(listener: socket.socket, metrics_folder: str) -> Worker:
    """Start a process that waits for its first model."""
    ours, theirs = socket.socketpair()
    ours.settimeout(SEND_SECONDS)
    numbers = (listener.fileno(), theirs.fileno())
    # prometheus-client looks for this when it is imported.
    folder = {"PROMETHEUS_MULTIPROC_DIR": metrics_folder} if metrics_folder else {}
    process = subprocess.Popen(
        [sys.executable, "-m", "service.worker", *map(str, numbers), metrics_folder],
        pass_fds=numbers,
        env=os.environ | HEAP | folder,
        process_group=0,  # Ctrl-C is for the supervisor, which passes it on once
    )
    theirs.close()
    return Worker(listener, process, ours)
