"""`make bench`: the service against its references, and whether it meets its targets."""

import argparse
import os
import platform
import sys
import tempfile
from pathlib import Path

from benchmarks.comparisons import table
from benchmarks.load import LoadFailed
from benchmarks.payloads import ROOT
from benchmarks.rounds import Bench, Dishonest
from benchmarks.servers import BENCH_PYTHON, REFERENCES, DidNotStart, Server


def main() -> int:
    """Measure and print the table; return 1 and print a sentence if that is not possible."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="2 short rounds: 2 minutes, not 7")
    parser.add_argument(
        "--only", default=",".join(REFERENCES), help="references, separated by commas (default all)"
    )
    parser.add_argument("--model", type=Path, default=ROOT / "models" / "dropout.h5")
    options = parser.parse_args()
    rounds, seconds = (2, 1) if options.quick else (8, 2)
    print(f"Python {platform.python_version()}, {len(os.sched_getaffinity(0))} cores")
    try:
        references = chosen(options.only)
        with tempfile.TemporaryDirectory(prefix="fashion-bench-") as folder:
            bench = Bench(options.model.resolve(), Path(folder), rounds, seconds)
            found = list(bench.run(references))
    except (LoadFailed, DidNotStart, Dishonest) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    print(f"\n{table(found)}\n\nRatios are medians of the rounds.")
    return 0


def chosen(names: str) -> list[Server]:
    """Return the references of these names.

    Raises:
        DidNotStart: there is no such reference, or it is not installed.
    """
    wanted = [name for name in names.split(",") if name]
    if unknown := [name for name in wanted if name not in REFERENCES]:
        raise DidNotStart(f"no reference {unknown[0]!r}: there are {', '.join(REFERENCES)}.")
    servers = [REFERENCES[name] for name in wanted]
    if not BENCH_PYTHON.exists() and any(str(BENCH_PYTHON) in one.command for one in servers):
        raise DidNotStart(f"{BENCH_PYTHON} is missing: `make bench` installs it.")
    return servers


if __name__ == "__main__":
    sys.exit(main())
