"""A worker's end of the connection to the supervisor."""

import asyncio
import contextlib
import logging
import threading
from collections import deque
from multiprocessing.connection import Connection

from fastapi import FastAPI

from service.errors import ModelRefused
from service.logs import fields
from service.model.examined import ExaminedModel
from service.model.file_status import FileStatus
from service.model.live import LiveModel
from service.processes.messages import NewModel, Notice, Report, ToWorker

logger = logging.getLogger("service")


class SupervisorLink:
    """Keeps an app in step with the supervisor."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._messages: asyncio.Queue[ToWorker | None] = asyncio.Queue()
        self._reloads: deque[asyncio.Future[FileStatus]] = deque()

    async def follow(self, app: FastAPI) -> None:
        """Report that the worker is ready, then follow the supervisor until it is gone."""
        loop = asyncio.get_running_loop()
        threading.Thread(target=self._receive, args=(loop,), daemon=True).start()
        self._connection.send(Report.READY)
        while (message := await self._messages.get()) is not None:
            await self._act(app, message)
        for future in self._reloads:
            future.cancel()

    async def reload(self) -> FileStatus:
        """Have the supervisor examine the model file; return its status once it is served here.

        Raises:
            OSError: the supervisor is gone.
        """
        future = asyncio.get_running_loop().create_future()
        self._reloads.append(future)
        self._connection.send(Report.RELOAD)
        status: FileStatus = await future
        return status

    def _receive(self, loop: asyncio.AbstractEventLoop) -> None:
        """Receive in a thread: a large message arrives in parts, which the loop must not await."""
        message: ToWorker | None
        with contextlib.suppress(RuntimeError):  # the loop is closed
            while True:
                try:
                    message = self._connection.recv()
                except (EOFError, OSError):
                    message = None
                loop.call_soon_threadsafe(self._take, message)
                if message is None:
                    return

    def _take(self, message: ToWorker | None) -> None:
        """Answer a ping at once, even while a model is being loaded; queue all other messages."""
        if message is Notice.PING:
            with contextlib.suppress(OSError):  # the supervisor is gone
                self._connection.send(Report.PONG)
        else:
            self._messages.put_nowait(message)

    async def _act(self, app: FastAPI, message: ToWorker) -> None:
        match message:
            case NewModel(packed):
                await _swap(app.state.live, packed)
            case FileStatus():
                app.state.live.file_status = message
                app.state.metrics.refused_files.set(message.refusals)
            case Notice.RELOADED:
                future = self._reloads.popleft()
                if not future.done():  # the client may have left
                    future.set_result(app.state.live.file_status)
            case Notice.SHUTTING_DOWN:
                app.state.leaving = True


async def _swap(live: LiveModel, packed: bytes) -> None:
    """Load the next model in a thread, so that requests are answered meanwhile."""
    examined = ExaminedModel.from_bytes(packed)
    before = live.current.digest
    try:
        await asyncio.to_thread(live.swap, examined)
    except ModelRefused as error:  # it loaded in the examiner, so memory may be short here
        logger.error("the next model did not load", extra=fields(reason=str(error)))
        return
    for warning in examined.warnings:
        logger.warning(warning)
    logger.info("model swapped", extra=fields(digest=examined.digest, before=before))
