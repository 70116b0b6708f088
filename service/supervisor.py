"""The process above the workers; it uses the standard library alone, which keeps it at 10 MiB.

It holds the sockets, has the model examined once, hands it to each worker over a pair of sockets,
replaces a worker that died, and passes the signal to leave on.
"""

import json
import logging
import os
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import FrameType
from typing import Final, Self

from service.channel import send_block
from service.errors import FashionError
from service.listeners import open_listeners
from service.logs import configure_logs, fields
from service.model.examiner import Limits, examine

DRAIN_SECONDS: Final = 30
"""How long workers may take to answer what they have accepted, before they are killed."""

RESTART_SECONDS: Final = 1
"""Least time between two starts of a worker, or one that cannot start would take a whole core."""

logger = logging.getLogger("service")


@dataclass(frozen=True)
class Plan:
    """What the supervisor needs of the settings."""

    host: str
    port: int
    workers: int
    model_path: str
    log_level: str
    limits: Limits

    def to_json(self) -> str:
        """Return the plan as text, the way to the supervisor's process."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` wrote."""
        values = json.loads(text)
        return cls(**{**values, "limits": Limits(**values["limits"])})


@dataclass
class Worker:
    """One process that answers requests, and our ends of what it was given."""

    listener: socket.socket
    process: subprocess.Popen[bytes]
    channel: socket.socket
    started: float = field(default_factory=time.monotonic)


class Supervisor:
    """Starts workers and keeps them until it is told to stop."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._workers: list[Worker] = []
        self._selector = selectors.DefaultSelector()
        self._model = b""
        self._metrics_folder = ""
        self._ready = 0
        self._leave_by: float | None = None

    def run(self) -> None:
        """Serve until a signal ends it.

        Raises:
            FashionError: the address cannot be had, or the model may not serve.
        """
        plan = self._plan
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        listeners = open_listeners(plan.host, plan.port, plan.workers)
        if plan.workers > 1:
            self._metrics_folder = tempfile.mkdtemp(prefix="fashion-metrics-")
        try:
            # Workers load their libraries while the model is examined.
            for listener in listeners:
                self._start(listener)
            self._model = examine(Path(plan.model_path), plan.limits)
            for worker in self._workers:
                send_block(worker.channel, self._model)
            self._watch()
        finally:
            self._clean_up()

    def _start(self, listener: socket.socket) -> None:
        ours, theirs = socket.socketpair()
        command = [sys.executable, "-m", "service.worker", str(listener.fileno())]
        process = subprocess.Popen(
            [*command, str(theirs.fileno()), self._metrics_folder],
            pass_fds=(listener.fileno(), theirs.fileno()),
            # prometheus-client looks for this when it is imported.
            env=os.environ | {"PROMETHEUS_MULTIPROC_DIR": self._metrics_folder}
            if self._metrics_folder
            else None,
            process_group=0,  # Ctrl-C is for the supervisor, which passes it on once
        )
        theirs.close()
        worker = Worker(listener, process, ours)
        self._workers.append(worker)
        self._selector.register(ours, selectors.EVENT_READ, worker)
        if self._model:
            send_block(ours, self._model)

    def _watch(self) -> None:
        """Wait for words from workers: `ready`, or the end of one."""
        while self._workers:
            timeout = None if self._leave_by is None else max(0, self._leave_by - time.monotonic())
            events = self._selector.select(timeout)
            if not events and timeout is not None:
                self._signal_all(signal.SIGKILL)
            for key, _ in events:
                self._hear(key.data)

    def _hear(self, worker: Worker) -> None:
        try:
            word = worker.channel.recv(1024)
        except ConnectionResetError:
            word = b""
        if word:
            self._note_ready()
        else:
            self._bury(worker)

    def _note_ready(self) -> None:
        self._ready += 1
        if self._ready == self._plan.workers:
            host, port = self._workers[0].listener.getsockname()[:2]
            name = f"[{host}]" if ":" in host else host
            logger.info(
                "serving",
                extra=fields(url=f"http://{name}:{port}", workers=self._plan.workers),
            )

    def _bury(self, worker: Worker) -> None:
        """Take the end of a worker into account, and put another in its place."""
        self._selector.unregister(worker.channel)
        worker.channel.close()
        self._workers.remove(worker)
        code = worker.process.wait()
        if self._leave_by is not None:
            return
        logger.error("a worker died", extra=fields(pid=worker.process.pid, exit_code=code))
        time.sleep(max(0, worker.started + RESTART_SECONDS - time.monotonic()))
        if self._leave_by is None:  # nobody said stop in that second
            self._start(worker.listener)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        """Let workers answer what they have accepted, and leave."""
        if not self._model:
            raise SystemExit(0)  # nothing is served yet
        self._leave_by = time.monotonic() + DRAIN_SECONDS
        self._signal_all(signal.SIGTERM)

    def _signal_all(self, number: signal.Signals) -> None:
        for worker in self._workers:
            worker.process.send_signal(number)

    def _clean_up(self) -> None:
        self._signal_all(signal.SIGKILL)
        for worker in self._workers:
            worker.process.wait()
        if self._metrics_folder:
            shutil.rmtree(self._metrics_folder, ignore_errors=True)


def main(arguments: list[str]) -> int:
    """Run the plan that is the one argument; return 2, with a sentence, if it cannot start."""
    plan = Plan.from_json(arguments[0])
    configure_logs(plan.log_level)
    try:
        Supervisor(plan).run()
    except FashionError as error:
        print(f"fashion-serve: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
