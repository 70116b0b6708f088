"""Proves with a real Docker engine what docs/deployment.md promises: `make container-test`.

Needs the standard library, `make` and `docker` alone. It prints one line per promise, and ends
with 1 if one is broken, with 2 where there is no engine. Containers and volumes have names of
their own and are removed; the images stay.
"""

import re
import signal
import sys
import time

import compose_promises
import image_promises
import run_promises
from engine import EXECUTED, NAME, ROOT, Broken, Report, data_folder, missing


def main() -> int:
    """Check every promise and return the exit code."""
    need = missing()
    if need:
        print(f"container-test needs {need}, which this machine has not.", file=sys.stderr)
        return 2
    # A signal too leads through the removal of what was started.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    report = Report()
    try:
        image_promises.check(report)
        run_promises.check(report)
        compose_promises.check(report)
        _check_docs(report)
    except Broken as error:
        report.promise(False, "the rest could not be checked", error)
    print(f"promises broken: {report.broken}, in {time.monotonic() - report.started:.0f} s")
    return 1 if report.broken else 0


def _check_docs(report: Report) -> None:
    """Check that each command of the page was run, perhaps with options at its end."""
    shown_as = {
        NAME: "fashion",
        r"127\.0\.0\.1:\d+:8000": "127.0.0.1:8000:8000",
        f"{ROOT}/tests/data:": "/path/to/models:",
        str(data_folder()): "/path/to/data",
        r"/\S+/backup\.h5": "backup.h5",
    }
    text = "\n".join(["", *EXECUTED])
    for ours, shown in shown_as.items():
        text = re.sub(ours, shown, text)
    page = (ROOT / "docs" / "deployment.md").read_text().replace("\\\n", " ")
    commands = re.findall(r"^\$ (?:\w+=\S+ )*(.*)$", page, re.MULTILINE)
    commands = [" ".join(command.split()) for command in commands]
    left_out = [one for one in commands if f"\n{one}" not in text]
    report.promise(
        not left_out, "of the commands in docs/deployment.md not run", left_out or "none"
    )


if __name__ == "__main__":
    sys.exit(main())
