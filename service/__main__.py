"""`python -m service` and `fashion-serve`: the supervisor's process."""

import signal
import sys

from service.errors import FashionError
from service.logs import configure_logs
from service.processes.supervisor import Supervisor
from service.processes.worker_process import start_worker


def main() -> int:
    """Serve as the settings say; return 2 and print a sentence if that is impossible."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, frame: sys.exit(0))  # nothing is served yet
    worker = start_worker()  # it loads its libraries meanwhile
    try:
        from service.config.keys import Keys
        from service.config.settings import load_settings

        settings = load_settings()
        Keys.from_settings(settings)  # raises for a bad key
        configure_logs(settings.log_level)
        Supervisor(settings, worker).run()
    except FashionError as error:
        print(f"fashion-serve: {error}", file=sys.stderr)
        return 2
    finally:
        worker.kill()
    return 0


if __name__ == "__main__":
    sys.exit(main())
