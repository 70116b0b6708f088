"""A worker's end of the way to the supervisor: does what it says, and asks it."""

import asyncio
import logging
import socket
from collections import deque

from fastapi import FastAPI

from service.errors import ModelRefused
from service.logs import fields
from service.metrics import Metrics
from service.model.examined import ExaminedModel
from service.model.file_status import Candidate
from service.model.live import LiveModel
from service.processes.messages import Kind, Message, encode, receive_next

logger = logging.getLogger("service")


class Link:
    """Keeps an app in step with the supervisor."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._asked: deque[asyncio.Future[Candidate]] = deque()
        self._writer: asyncio.StreamWriter | None = None

    async def follow(self, app: FastAPI) -> None:
        """Say that the worker answers, then do what the supervisor says until it is gone."""
        reader, self._writer = await asyncio.open_connection(sock=self._channel)
        self._say(Kind.READY)
        while (message := await receive_next(reader)) is not None:
            await self._act(app, message)
        for future in self._asked:
            future.cancel()  # nobody is left to answer

    async def reload(self) -> Candidate:
        """Have the model file looked at now; return what became of it, once it serves here."""
        future = asyncio.get_running_loop().create_future()
        self._asked.append(future)
        self._say(Kind.RELOAD)
        candidate: Candidate = await future
        return candidate

    async def _act(self, app: FastAPI, message: Message) -> None:
        live: LiveModel = app.state.live
        metrics: Metrics = app.state.metrics
        if message.kind == Kind.MODEL:
            await _swap(live, message.data)
        elif message.kind == Kind.CANDIDATE:
            live.candidate = Candidate.from_json(message.data)
            metrics.refused_files.set(live.candidate.refusals)
        elif message.kind == Kind.RELOADED:
            future = self._asked.popleft()
            if not future.done():  # the client may have left
                future.set_result(Candidate.from_json(message.data))
        elif message.kind == Kind.LEAVING:
            app.state.leaving = True

    def _say(self, kind: Kind) -> None:
        if self._writer is None or self._writer.is_closing():
            raise ConnectionError("the supervisor is gone")
        self._writer.write(encode(Message(kind)))


async def _swap(live: LiveModel, data: bytes) -> None:
    """Load the next model off the event loop, so that nobody waits for it."""
    examined = ExaminedModel.from_bytes(data)
    before = live.current.digest
    try:
        await asyncio.to_thread(live.swap, examined)
    except ModelRefused as error:  # it loaded in the examiner, so memory may be short here
        logger.error("the next model did not load", extra=fields(reason=str(error)))
        return
    for warning in examined.warnings:
        logger.warning(warning)
    logger.info("model swapped", extra=fields(digest=examined.digest, before=before))
