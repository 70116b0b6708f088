"""The worker processes, as the supervisor sees them."""

import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import Final

from service.processes import messages
from service.processes.messages import Message, Place

SEND_SECONDS: Final = 30
"""How long a worker may take to read a message; it does nothing else for a moment at its start."""

HEAP: Final = {"MALLOC_MMAP_THRESHOLD_": "1048576", "MALLOC_TRIM_THRESHOLD_": "8388608"}
"""What glibc reads at its start: to give large bodies back to the system one by one. Left alone it
soon takes them for usual, and a worker keeps 40 MiB more after a thousand hostile pictures."""


@dataclass(eq=False)
class Worker:
    """One process that answers requests, our end of the channel to it, and its place."""

    process: subprocess.Popen[bytes]
    channel: socket.socket
    place: Place = field(init=False)
    ready: bool = False
    started: float = field(default_factory=time.monotonic)

    def send(self, message: Message) -> None:
        """Send a message; a worker that does not read is killed, and replaced like any other."""
        self.channel.settimeout(SEND_SECONDS)
        try:
            messages.send(self.channel, message)
        except OSError:
            self.process.kill()

    def take(self, place: Place) -> None:
        """Tell it its place, which it waits for."""
        self.place = place
        try:
            messages.send_place(self.channel, place)
        except OSError:
            self.process.kill()

    def receive(self) -> Message | None:
        """Return a message that has arrived; None if the worker is gone."""
        self.channel.settimeout(None)
        return messages.receive(self.channel)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal."""
        self.process.send_signal(number)

    def bury(self) -> int:
        """Wait for the process, which is gone, and return how it ended."""
        self.channel.close()
        return self.process.wait()

    def end(self) -> None:
        """Kill the process, unless it is gone."""
        self.process.kill()
        self.bury()


def start_worker() -> Worker:
    """Start a process that loads its libraries, then waits for its place and a model."""
    ours, theirs = socket.socketpair()
    process = subprocess.Popen(
        [sys.executable, "-m", "service.processes.worker", str(theirs.fileno())],
        pass_fds=[theirs.fileno()],
        env=os.environ | HEAP,
        process_group=0,  # Ctrl-C is for the supervisor, which passes it on once
    )
    theirs.close()
    return Worker(process, ours)
