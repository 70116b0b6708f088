"""The process that answers requests: it gets its socket and its model from the supervisor."""

import asyncio
import contextlib
import gc
import logging
import signal
import socket
import sys
from pathlib import Path
from typing import Final

import uvicorn
from fastapi import FastAPI

from service import channel
from service.app import create_app
from service.link import Link
from service.listeners import BACKLOG
from service.logs import configure_logs
from service.model.examined import ExaminedModel
from service.protocol import limited_protocol
from service.settings import load_settings

LAST_ANSWERS_SECONDS: Final = 0.5
"""How long a worker that leaves still takes requests, each the last of its connection: most
clients keep theirs open and would otherwise send the next one into nothing."""

DRAIN_SECONDS: Final = 25
"""How long requests may take to end after that; less than the supervisor waits."""

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


def main(arguments: list[str]) -> int:
    """Answer requests until the signal to leave, or until the supervisor is gone."""
    # uvicorn answers what it has accepted, then raises the signal again: it ends here, cleanly.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with contextlib.suppress(KeyboardInterrupt):
        work(arguments)
    return 0


def work(arguments: list[str]) -> None:
    """Take over socket and model, and answer requests."""
    listener, ours = (socket.socket(fileno=int(number)) for number in arguments[:2])
    settings = load_settings()
    configure_logs(settings.log_level)
    first = channel.receive(ours)
    if first is None:
        return
    model = ExaminedModel.from_bytes(first.data)
    for warning in model.warnings:
        logger.warning(warning)
    link = Link(ours)
    metrics_folder = Path(arguments[2]) if arguments[2] else None
    app = create_app(settings, model, metrics_folder=metrics_folder, reload=link.reload)
    config = uvicorn.Config(
        app,
        loop="asyncio",
        http=limited_protocol(settings),
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        backlog=BACKLOG,
        timeout_keep_alive=settings.keep_alive_seconds,
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )
    gc.collect()
    gc.freeze()  # what is loaded stays: a full collection over it would cost 20 ms now and then
    Server(config, app, link).run(sockets=[listener])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
