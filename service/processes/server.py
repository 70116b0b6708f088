"""What a worker does once it has its place and its model: answer requests until it is to leave."""

import asyncio
import gc
import logging
import socket
from pathlib import Path
from typing import Final

import uvicorn
from fastapi import FastAPI

from service.api.app import create_app
from service.config.settings import Settings
from service.connection.protocol import limited_protocol
from service.model.examined import ExaminedModel
from service.processes.messages import Place
from service.processes.sockets import BACKLOG
from service.processes.supervisor_link import Link

LAST_ANSWERS_SECONDS: Final = 0.5
"""How long a worker that leaves still takes requests, each the last of its connection: most
clients keep theirs open and would otherwise send the next one into nothing."""

DRAIN_SECONDS: Final = 25
"""How long requests may take to end after that; less than the supervisor waits."""

COLLECT_AFTER: Final = 5_000
"""New objects until the collector looks for circles among them. Requests leave none, and 128 in
flight have fewer objects than this. Each connection leaves one, asyncio's own, of seven objects and
1 KiB."""

logger = logging.getLogger("service")


class Server(uvicorn.Server):
    """uvicorn's server, in step with the supervisor."""

    def __init__(self, config: uvicorn.Config, app: FastAPI, link: Link) -> None:
        super().__init__(config)
        self._app = app
        self._link = link
        self._following: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer."""
        await super().startup(sockets)
        self._following = asyncio.create_task(self._follow())

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Answer for a moment more, then let what is under way end."""
        self._app.state.leaving = True
        self.server_state.default_headers.append((b"connection", b"close"))
        await asyncio.sleep(LAST_ANSWERS_SECONDS)
        await super().shutdown(sockets)

    async def _follow(self) -> None:
        await self._link.follow(self._app)
        self.should_exit = True  # a worker does not outlive the supervisor


def serve(settings: Settings, model: ExaminedModel, place: Place, link: Link) -> None:
    """Answer requests until the signal to leave, or until the supervisor is gone.

    Raises:
        FashionError: a setting is wrong, or the model does not load.
    """
    for warning in model.warnings:
        logger.warning(warning)
    metrics_folder = Path(place.metrics_folder) if place.metrics_folder else None
    app = create_app(settings, model, metrics_folder=metrics_folder, reload=link.reload)
    config = uvicorn.Config(
        app,
        loop="asyncio",
        http=limited_protocol(settings),
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        backlog=BACKLOG,
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )
    gc.freeze()  # what is loaded stays: a full collection over it would cost 20 ms now and then
    gc.set_threshold(COLLECT_AFTER)  # looks after 700, as Python has it, take 4 % of the time
    gc.enable()
    Server(config, app, link).run(sockets=[place.listener])
