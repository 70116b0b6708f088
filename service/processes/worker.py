"""The command of a worker's process: it reads the settings, then takes its place and its model.

It is started before anybody knows where it is to listen, so that loading waits for nothing. The
first one's settings are the supervisor's plan: what checks them takes 25 MiB and a tenth of a
second, which is not to be spent twice.
"""

import contextlib
import gc
import os
import signal
import socket
import sys
from typing import TYPE_CHECKING

from service.errors import FashionError
from service.model_file.examiner import Limits
from service.processes import messages
from service.processes.messages import Kind, Message, Plan

if TYPE_CHECKING:
    from service.config.settings import Settings


def main(arguments: list[str]) -> int:
    """Answer requests until the signal to leave, or until the supervisor is gone.

    Return 2, with a sentence, if a setting is wrong or the model does not load.
    """
    # uvicorn answers what it has accepted, then raises the signal again: it ends here, cleanly.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    gc.disable()  # what is loaded now stays, and to look through it again and again costs 90 ms
    with contextlib.suppress(KeyboardInterrupt):
        try:
            _work(socket.socket(fileno=int(arguments[0])))
        except FashionError as error:
            print(f"fashion-serve: {error}", file=sys.stderr)
            return 2
        except (BrokenPipeError, ConnectionResetError):
            pass  # the supervisor is gone
    return 0


def make_plan(settings: "Settings") -> Plan:
    """Return what the supervisor needs of the settings."""
    return Plan(
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
        model_path=str(settings.model_path),
        model_poll_seconds=settings.model_poll_seconds,
        shutdown_delay=settings.shutdown_delay,
        log_level=settings.log_level,
        limits=Limits(
            pinned=settings.model_sha256,
            seconds=settings.examine_seconds,
            memory_mib=settings.examine_memory_mib,
            keras_memory_mib=settings.examine_keras_memory_mib,
        ),
    )


def _work(ours: socket.socket) -> None:
    """Say the plan, take over place and model, and answer requests."""
    from service.config.keys import Keys
    from service.config.settings import load_settings

    settings = load_settings()
    Keys.from_settings(settings)  # a key that will not do ends the start here
    messages.send(ours, Message(Kind.PLAN, make_plan(settings).to_json().encode()))
    place = messages.receive_place(ours)
    if place is None:
        return
    if place.metrics_folder:
        # prometheus-client looks for this when it is imported.
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = place.metrics_folder

    from service.logs import configure_logs
    from service.model.examined import ExaminedModel
    from service.processes.server import serve
    from service.processes.supervisor_link import Link

    configure_logs(settings.log_level)
    first = messages.receive(ours)
    if first is None:
        return
    serve(settings, ExaminedModel.from_bytes(first.data), place, Link(ours))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
