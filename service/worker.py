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

from service.app import create_app
from service.channel import receive_block
from service.listeners import BACKLOG
from service.logs import configure_logs
from service.model.examined import ExaminedModel
from service.protocol import Protocol
from service.settings import load_settings

DRAIN_SECONDS: Final = 25
"""How long requests may take to end after the signal to leave; less than the supervisor waits."""

READY: Final = b"ready"

logger = logging.getLogger("service")


class Server(uvicorn.Server):
    """Tells the supervisor when it answers, and leaves when the supervisor is gone."""

    def __init__(self, config: uvicorn.Config, channel: socket.socket) -> None:
        super().__init__(config)
        self._channel = channel

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer."""
        await super().startup(sockets)
        asyncio.get_running_loop().add_reader(self._channel, self._leave)
        self._channel.send(READY)

    def _leave(self) -> None:
        """End: the supervisor sends nothing after the model, so this is its end."""
        asyncio.get_running_loop().remove_reader(self._channel)
        self.should_exit = True


def main(arguments: list[str]) -> int:
    """Answer requests until the signal to leave, or until the supervisor is gone."""
    # uvicorn answers what it has accepted, then raises the signal again: it ends here, cleanly.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with contextlib.suppress(KeyboardInterrupt):
        work(arguments)
    return 0


def work(arguments: list[str]) -> None:
    """Take over socket and model, and answer requests."""
    listener, channel = (socket.socket(fileno=int(number)) for number in arguments[:2])
    metrics_folder = Path(arguments[2]) if arguments[2] else None
    settings = load_settings()
    configure_logs(settings.log_level)
    data = receive_block(channel)
    if data is None:
        return
    model = ExaminedModel.from_bytes(data)
    for warning in model.warnings:
        logger.warning(warning)
    config = uvicorn.Config(
        create_app(settings, model, metrics_folder),
        loop="asyncio",
        http=Protocol,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        backlog=BACKLOG,
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )
    gc.collect()
    gc.freeze()  # what is loaded stays: a full collection over it would cost 20 ms now and then
    Server(config, channel).run(sockets=[listener])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
