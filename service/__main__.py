"""`python -m service` and `fashion-serve`: the supervisor's process."""

import signal
import sys

from service.errors import FashionError
from service.logs import configure_logs
from service.processes.messages import Plan
from service.processes.supervisor import Supervisor
from service.processes.worker_process import start_worker


def main() -> int:
    """Serve as the settings say; return 2, with a sentence, if that cannot be."""
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))  # nothing is served yet
    first = start_worker()  # it loads its libraries while the model is examined
    try:
        said = first.receive()
        if said is None:
            return first.bury()  # a setting is wrong, and it has said which
        plan = Plan.from_json(said.data)
        configure_logs(plan.log_level)
        Supervisor(plan, first).run()
    except FashionError as error:
        print(f"fashion-serve: {error}", file=sys.stderr)
        return 2
    finally:
        first.end()
    return 0


if __name__ == "__main__":
    sys.exit(main())
