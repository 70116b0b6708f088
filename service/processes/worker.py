"""The command of a worker process: reads the settings, then waits for its socket and its model.

The supervisor starts a worker before it has read the settings itself, so that both load their
libraries at the same time.
"""

import contextlib
import gc
import os
import signal
import socket
import sys
from multiprocessing.connection import Connection
from multiprocessing.reduction import recv_handle

from service.errors import FashionError
from service.processes.messages import Assignment, NewModel, Report


def main(arguments: list[str]) -> int:
    """Answer requests until SIGTERM, or until the supervisor is gone.

    Return 2 and print a sentence if a setting is wrong or the model does not load.
    """
    # uvicorn finishes its requests, then raises the signal again; the process must end cleanly.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    gc.disable()  # all that is loaded now stays; collecting meanwhile would take 90 ms
    with contextlib.suppress(KeyboardInterrupt):
        try:
            _work(Connection(int(arguments[0])))
        except FashionError as error:
            print(f"fashion-serve: {error}", file=sys.stderr)
            return 2
        except (EOFError, BrokenPipeError, ConnectionResetError):
            pass  # the supervisor is gone
    return 0


def _work(connection: Connection) -> None:
    """Load, take over socket and model, and answer requests."""
    from service.config.settings import load_settings

    assignment: Assignment = connection.recv()
    listener = socket.socket(fileno=recv_handle(connection))
    settings = load_settings()
    if assignment.metrics_folder:
        # prometheus-client reads this when it is imported.
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = assignment.metrics_folder

    from service.logs import configure_logs
    from service.model.examined import ExaminedModel
    from service.processes.server import serve

    configure_logs(settings.log_level)
    connection.send(Report.LOADED)
    model: NewModel = connection.recv()
    examined = ExaminedModel.from_bytes(model.packed)
    serve(settings, examined, listener, assignment.metrics_folder, connection)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
