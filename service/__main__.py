"""`python -m service` and `fashion-serve`: examine the model, then serve it."""

import gc
import logging
import signal
import socket
import sys

import uvicorn

from service.app import create_app
from service.errors import FashionError, SettingsRefused
from service.logs import configure_logs, fields
from service.model.examined import ExaminedModel
from service.model.examiner import Limits, examine
from service.settings import Settings, load_settings

BACKLOG = 2048

logger = logging.getLogger("service")


def main() -> int:
    """Serve until a signal ends it; return 2, with a sentence, if it cannot start."""
    # uvicorn answers what it has accepted, then raises the signal again: it ends here, cleanly.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        settings = load_settings()
        configure_logs(settings.log_level)
        with listen(settings) as listener:
            serve(settings, listener)
    except FashionError as error:
        print(f"fashion-serve: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 0
    return 0


def serve(settings: Settings, listener: socket.socket) -> None:
    """Examine the model and answer requests on a bound socket.

    Raises:
        ModelRefused: the model may not serve.
    """
    limits = Limits(
        seconds=settings.examine_seconds,
        memory_mib=settings.examine_memory_mib,
        keras_memory_mib=settings.examine_keras_memory_mib,
    )
    model = ExaminedModel.from_bytes(examine(settings.model_path, limits))
    for warning in model.warnings:
        logger.warning(warning)
    app = create_app(settings, model)
    config = uvicorn.Config(
        app,
        loop="asyncio",
        http="httptools",
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        backlog=BACKLOG,
    )
    host, port = listener.getsockname()[:2]
    logger.info(
        "serving", extra=fields(url=f"http://{host}:{port}", model=str(settings.model_path))
    )
    gc.collect()
    gc.freeze()  # what is loaded stays: a full collection over it would cost 20 ms now and then
    uvicorn.Server(config).run(sockets=[listener])


def listen(settings: Settings) -> socket.socket:
    """Return a socket that is bound to the address in the settings.

    Raises:
        SettingsRefused: the address cannot be had.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # Named as TCP, or asyncio leaves Nagle's algorithm on and each answer waits 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise SettingsRefused(
            f"cannot listen on {settings.host}:{settings.port} ({error.strerror}): free the port, "
            "or set FASHION_HOST and FASHION_PORT."
        ) from error
    return listener


if __name__ == "__main__":
    sys.exit(main())
