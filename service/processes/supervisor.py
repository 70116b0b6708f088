"""The process above the workers; it uses the standard library alone, which keeps it at 11 MiB.

It holds the sockets, hands the model to each worker, replaces one that died, and ends them all."""

import contextlib
import logging
import selectors
import shutil
import signal
import socket
import tempfile
import time
from pathlib import Path
from types import FrameType
from typing import Final

from service.logs import fields
from service.processes.messages import Kind, Message, Place, Plan
from service.processes.model_watcher import ModelOwner
from service.processes.shutdown import Departure
from service.processes.sockets import let_nobody_in, open_listeners, url_of
from service.processes.worker_process import Worker, start_worker

RESTART_SECONDS: Final = 1
"""Least time between two starts of a worker, or one that cannot start would take a whole core."""

logger = logging.getLogger("service")


class Supervisor:
    """Starts workers and keeps them until it is told to stop."""

    def __init__(self, plan: Plan, first: Worker) -> None:
        self._plan = plan
        self._first = first
        self._metrics_folder = ""
        self._workers: list[Worker] = []
        self._asked: list[Worker] = []
        self._answering: list[Worker] = []
        self._served = False
        self._signal: int | None = None
        self._departure = Departure()
        self._selector = selectors.DefaultSelector()
        self._alarm, self._bell = socket.socketpair()
        self._bell.setblocking(False)
        self._selector.register(self._alarm, selectors.EVENT_READ)
        self._owner = ModelOwner(Path(plan.model_path), plan.limits, wake=self._ring)

    def run(self) -> None:
        """Serve until a signal ends it, with the first worker and the others of the plan.

        Raises:
            FashionError: the address cannot be had, or the model may not serve.
        """
        plan = self._plan
        signal.signal(signal.SIGTERM, self._note_signal)
        signal.signal(signal.SIGINT, self._note_signal)
        listeners = open_listeners(plan.host, plan.port, plan.workers)
        if plan.workers > 1:
            self._metrics_folder = tempfile.mkdtemp(prefix="fashion-metrics-")
        try:
            self._join(self._first, Place(listeners[0], self._metrics_folder))
            for listener in listeners[1:]:
                self._join(start_worker(), Place(listener, self._metrics_folder))
            self._owner.examine_first()
            self._tell_all(Message(Kind.MODEL, self._owner.model))
            while self._workers:
                self._turn()
        finally:
            self._clean_up()

    def _turn(self) -> None:
        """Wait for news, at most until the next look at the model file, and act on it."""
        patience = min(self._plan.model_poll_seconds, self._departure.seconds_to_next())
        for key, _ in self._selector.select(patience):
            if key.data is None:
                self._alarm.recv(1024)
            elif key.data in self._workers:
                self._hear(key.data)
        if self._owner.done:
            self._take_outcome()
        if self._signal is not None:
            self._begin_to_leave()
        if not self._departure.begun:
            self._examine_what_is_due()
        self._departure.take_due_steps()

    def _hear(self, worker: Worker) -> None:
        message = worker.receive()
        if message is None:
            self._bury(worker)
        elif message.kind == Kind.READY:
            self._note_ready(worker)
        elif message.kind == Kind.RELOAD:
            self._asked.append(worker)

    def _note_ready(self, worker: Worker) -> None:
        worker.ready = True
        if not self._served and all(one.ready for one in self._workers):
            self._served = True
            said = fields(url=url_of(worker.place.listener), workers=len(self._workers))
            logger.info("serving", extra=said)

    def _examine_what_is_due(self) -> None:
        """Have the file examined if it is new, or for those who asked since the last time."""
        self._owner.look()
        if self._asked and not self._owner.busy:
            self._answering, self._asked = self._asked, []
            self._owner.begin()

    def _take_outcome(self) -> None:
        if self._owner.take():
            self._tell_all(Message(Kind.MODEL, self._owner.model))
        candidate = self._owner.candidate.to_json()
        self._tell_all(Message(Kind.CANDIDATE, candidate))
        for worker in self._answering:
            worker.send(Message(Kind.RELOADED, candidate))
        self._answering = []

    def _join(self, worker: Worker, place: Place) -> None:
        """Let a worker take its place, and the model as soon as there is one."""
        worker.take(place)
        self._workers.append(worker)
        self._selector.register(worker.channel, selectors.EVENT_READ, worker)
        if self._owner.model:
            worker.send(Message(Kind.MODEL, self._owner.model))
            worker.send(Message(Kind.CANDIDATE, self._owner.candidate.to_json()))

    def _bury(self, worker: Worker) -> None:
        """Put another in the place of a worker that has ended."""
        self._selector.unregister(worker.channel)
        self._workers.remove(worker)
        code = worker.bury()
        if self._departure.begun:
            return
        logger.error("a worker died", extra=fields(pid=worker.process.pid, exit_code=code))
        time.sleep(max(0, worker.started + RESTART_SECONDS - time.monotonic()))
        if self._signal is None:
            self._join(start_worker(), worker.place)

    def _note_signal(self, number: int, frame: FrameType | None) -> None:
        """Remember that it is time to leave."""
        if not self._owner.model:
            raise SystemExit(0)  # nothing is served yet
        self._signal = number
        self._ring()

    def _begin_to_leave(self) -> None:
        """Begin; Ctrl-C does not wait for a balancer to notice."""
        delay = self._plan.shutdown_delay if self._signal == signal.SIGTERM else 0
        self._signal = None
        self._departure.begin(
            delay,
            announce=lambda: self._tell_all(Message(Kind.LEAVING)),
            drain=self._drain,
            kill=self._kill,
        )

    def _drain(self) -> None:
        """Let nobody new in, once the workers have closed their sockets too, and let them end."""
        for worker in self._workers:
            let_nobody_in(worker.place.listener)
            worker.place.listener.close()
        self._kill(signal.SIGTERM)

    def _kill(self, number: signal.Signals = signal.SIGKILL) -> None:
        for worker in self._workers:
            worker.signal(number)

    def _clean_up(self) -> None:
        for worker in self._workers:
            worker.end()
        if self._metrics_folder:
            shutil.rmtree(self._metrics_folder, ignore_errors=True)

    def _tell_all(self, message: Message) -> None:
        for worker in self._workers:
            worker.send(message)

    def _ring(self) -> None:
        """Wake the loop up, from a signal or from the examining thread."""
        with contextlib.suppress(BlockingIOError):  # it rings already
            self._bell.send(b"!")
