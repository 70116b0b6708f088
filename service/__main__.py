"""`python -m service` and `fashion-serve`: read the settings, then become the supervisor."""

import os
import sys

from service.errors import SettingsRefused
from service.keys import Keys
from service.model.examiner import Limits
from service.plan import Plan
from service.settings import Settings, load_settings


def main() -> int:
    """Serve until a signal ends it; return 2, with a sentence, if a setting is wrong.

    The libraries that check the settings take 25 MiB, which the supervisor needs for nothing else:
    so this process starts over as the supervisor, and keeps its number and its signals.
    """
    try:
        settings = load_settings()
        Keys.from_settings(settings)  # a key that will not do ends the start here, not each worker
        plan = make_plan(settings)
    except SettingsRefused as error:
        print(f"fashion-serve: {error}", file=sys.stderr)
        return 2
    return os.execv(sys.executable, [sys.executable, "-m", "service.supervisor", plan.to_json()])


def make_plan(settings: Settings) -> Plan:
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


if __name__ == "__main__":
    sys.exit(main())
