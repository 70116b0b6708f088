"""The uvicorn server of a worker, in step with the supervisor."""

import asyncio
import gc
import logging
import socket
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

import uvicorn
from fastapi import FastAPI

from service.api.app import create_app
from service.config.settings import Settings
from service.connection.protocol import limited_protocol
from service.model.examined import ExaminedModel
from service.processes.sockets import BACKLOG
from service.processes.supervisor_link import SupervisorLink
from service.processes.worker_process import DRAIN_SECONDS

LAST_ANSWERS_SECONDS: Final = 0.5
"""How long a worker takes requests after SIGTERM, each as the last of its connection. Most clients
keep their connections open, and would send the next request into a closed one."""

COLLECT_AFTER: Final = 5_000
"""New objects until the garbage collector runs. Requests leave no reference cycles, and 128 in
flight have fewer objects than this. Each connection leaves one cycle, asyncio's, of 1 KiB."""

logger = logging.getLogger("service")


class Server(uvicorn.Server):
    """uvicorn's server, which follows the supervisor and drains before it stops."""

    def __init__(self, config: uvicorn.Config, app: FastAPI, link: SupervisorLink) -> None:
        super().__init__(config)
        self._app = app
        self._link = link
        self._following: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to answer, and to follow the supervisor."""
        await super().startup(sockets)
        self._following = asyncio.create_task(self._follow())

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Answer a moment longer, then finish the requests in flight."""
        self._app.state.leaving = True
        self.server_state.default_headers.append((b"connection", b"close"))
        await asyncio.sleep(LAST_ANSWERS_SECONDS)
        await super().shutdown(sockets)

    async def _follow(self) -> None:
        await self._link.follow(self._app)
        self.should_exit = True  # a worker does not outlive the supervisor


def serve(
    settings: Settings,
    model: ExaminedModel,
    listener: socket.socket,
    metrics_folder: str | None,
    connection: Connection,
) -> None:
    """Answer requests until SIGTERM, or until the supervisor is gone.

    Raises:
        FashionError: a setting is wrong, or the model does not load.
    """
    for warning in model.warnings:
        logger.warning(warning)
    link = SupervisorLink(connection)
    folder = Path(metrics_folder) if metrics_folder else None
    app = create_app(settings, model, metrics_folder=folder, reload=link.reload)
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
    gc.freeze()  # a full collection over all that is loaded would take 20 ms now and then
    gc.set_threshold(COLLECT_AFTER)  # at Python's 700, the collector takes 4 % of the time
    gc.enable()
    Server(config, app, link).run(sockets=[listener])
