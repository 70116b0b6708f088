"""The supervisor: holds the sockets, hands the model to the workers, and replaces those that die.

It loads the standard library and the settings alone, which keeps it under 40 MiB.
"""

import contextlib
import logging
import shutil
import signal
import socket
import tempfile
import time
from collections.abc import Callable
from multiprocessing.connection import wait
from sched import scheduler
from types import FrameType
from typing import TYPE_CHECKING, Final

from service.logs import fields
from service.processes.messages import NewModel, Notice, Report, ToWorker
from service.processes.model_watcher import ModelWatcher
from service.processes.sockets import ignore_new_connections, open_sockets, url_of
from service.processes.worker_process import KILL_SECONDS, PING_SECONDS, WorkerProcess, start_worker

if TYPE_CHECKING:
    from service.config.settings import Settings  # the first worker is started before this loads

RESTART_SECONDS: Final = 1
"""Least time between two starts of a worker: one that cannot start must not take a whole core."""

logger = logging.getLogger("service")


class Supervisor:
    """Keeps as many workers running as the settings say, until a signal ends the service."""

    def __init__(self, settings: "Settings", first_worker: WorkerProcess) -> None:
        self._settings = settings
        self._first_worker = first_worker
        self._workers: list[WorkerProcess] = []
        self._metrics_folder: str | None = None
        self._scheduler = scheduler(time.monotonic, time.sleep)
        self._wake_up_reader, self._wake_up_writer = socket.socketpair()
        self._wake_up_writer.setblocking(False)
        self._watcher = ModelWatcher.from_settings(settings, self._wake_up)
        self._reloading: list[WorkerProcess] = []  # waiting for the examination that runs
        self._to_reload: list[WorkerProcess] = []  # asked since it began
        self._served = False
        self._signal: int | None = None
        self._shutting_down = False

    def run(self) -> None:
        """Serve until a signal ends the service.

        Raises:
            FashionError: the service cannot listen on the address, or the model may not serve.
        """
        settings = self._settings
        signal.signal(signal.SIGTERM, self._note_signal)
        signal.signal(signal.SIGINT, self._note_signal)
        sockets = open_sockets(settings.host, settings.port, settings.workers)
        if settings.workers > 1:
            self._metrics_folder = tempfile.mkdtemp(prefix="fashion-metrics-")
        try:
            self._add(self._first_worker, sockets[0])
            for listener in sockets[1:]:
                self._add(start_worker(), listener)
            self._watcher.examine_first()
            self._repeat(settings.model_poll_seconds, self._watcher.look)
            self._repeat(PING_SECONDS, self._ping)
            while self._workers or not self._shutting_down:
                self._turn()
        finally:
            self._clean_up()

    def _turn(self) -> None:
        """Do what is due, then wait for messages and act on them."""
        seconds = self._scheduler.run(blocking=False)
        connections = [worker.connection for worker in self._workers]
        readable = wait([self._wake_up_reader, *connections], seconds)
        if self._wake_up_reader in readable:
            self._wake_up_reader.recv(1024)
        for worker in [one for one in self._workers if one.connection in readable]:
            self._receive(worker)
        if self._watcher.done:
            self._take_outcome()
        if self._to_reload and not self._watcher.busy and not self._shutting_down:
            self._reloading, self._to_reload = self._to_reload, []
            self._watcher.begin()
        if self._signal is not None:
            self._shut_down()

    def _receive(self, worker: WorkerProcess) -> None:
        match worker.receive():
            case Report.LOADED:
                self._send_model(worker)
            case Report.READY:
                self._log_start()
            case Report.RELOAD:
                self._to_reload.append(worker)
            case None:
                self._replace(worker)

    def _add(self, worker: WorkerProcess, listener: socket.socket) -> None:
        worker.assign(listener, self._metrics_folder)
        self._workers.append(worker)

    def _replace(self, worker: WorkerProcess) -> None:
        """Start another worker on the socket of one that has died."""
        self._workers.remove(worker)
        code = worker.reap()
        if self._shutting_down:
            return
        logger.error("a worker died", extra=fields(pid=worker.process.pid, exit_code=code))
        self._scheduler.enterabs(
            worker.started + RESTART_SECONDS, 0, lambda: self._add(start_worker(), worker.listener)
        )

    def _ping(self) -> None:
        """Kill the workers that hang; they are replaced like any that dies."""
        for worker in self._workers:
            if not worker.ping():
                logger.error("a worker hangs", extra=fields(pid=worker.process.pid))
                worker.process.kill()

    def _send_model(self, worker: WorkerProcess) -> None:
        worker.has_model = True
        worker.send(NewModel(self._watcher.model))
        worker.send(self._watcher.file_status)
        if self._shutting_down:
            worker.send(Notice.SHUTTING_DOWN)

    def _take_outcome(self) -> None:
        """Tell the workers what became of the file that was examined."""
        if self._watcher.take():
            self._send_all(NewModel(self._watcher.model))
        self._send_all(self._watcher.file_status)
        for worker in self._reloading:
            worker.send(Notice.RELOADED)
        self._reloading = []

    def _log_start(self) -> None:
        if not self._served and all(worker.ready for worker in self._workers):
            self._served = True
            url = url_of(self._workers[0].listener)
            logger.info("serving", extra=fields(url=url, workers=len(self._workers)))

    def _note_signal(self, number: int, frame: FrameType | None) -> None:
        if not self._watcher.model:
            raise SystemExit(0)  # nothing is served yet
        self._signal = number
        self._wake_up()

    def _shut_down(self) -> None:
        """Turn readiness red, stop after the delay, and kill what has not ended by then.

        Ctrl-C ends the delay, which gives load balancers time to notice.
        """
        delay = self._settings.shutdown_delay if self._signal == signal.SIGTERM else 0
        self._signal = None
        self._shutting_down = True
        for event in self._scheduler.queue:
            self._scheduler.cancel(event)
        self._send_all(Notice.SHUTTING_DOWN)
        self._scheduler.enter(delay, 0, self._drain)
        self._scheduler.enter(delay + KILL_SECONDS, 0, self._signal_all, (signal.SIGKILL,))

    def _drain(self) -> None:
        """Let the workers finish what they have accepted; no new connection is accepted."""
        for worker in self._workers:
            ignore_new_connections(worker.listener)
            worker.listener.close()
        self._signal_all(signal.SIGTERM)

    def _signal_all(self, number: signal.Signals) -> None:
        for worker in self._workers:
            worker.process.send_signal(number)

    def _send_all(self, message: ToWorker) -> None:
        """Send to all workers but those that are loading: these get the current model later."""
        for worker in self._workers:
            if worker.has_model:
                worker.send(message)

    def _repeat(self, seconds: float, action: Callable[[], None]) -> None:
        action()
        self._scheduler.enter(seconds, 0, self._repeat, (seconds, action))

    def _wake_up(self) -> None:
        """Wake up the loop, from a signal or from the examining thread."""
        with contextlib.suppress(BlockingIOError):  # a wake-up is pending already
            self._wake_up_writer.send(b"!")

    def _clean_up(self) -> None:
        for worker in self._workers:
            worker.kill()
        if self._metrics_folder:
            shutil.rmtree(self._metrics_folder, ignore_errors=True)
