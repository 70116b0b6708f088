"""`make bench`: the service beside its references, and whether the targets are met."""

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Final

from benchmarks import machine, rounds, table
from benchmarks.honesty import Dishonest
from benchmarks.kit import Kit
from benchmarks.load import LoadFailed, check_installed
from benchmarks.servers import BENCH_PYTHON, REFERENCES, ROOT, DidNotStart, Server
from benchmarks.targets import COMPARISONS
from benchmarks.visit import Length

FULL: Final = Length(rounds=8, seconds=2, patience=3)
QUICK: Final = Length(rounds=2, seconds=1, patience=0)
"""Seven minutes on a quiet machine and fourteen at most; two, and three at most."""


def main() -> int:
    """Measure and print; return 1 with a sentence where that is not possible."""
    options = arguments()
    length = QUICK if options.quick else FULL
    try:
        check_installed()
        with tempfile.TemporaryDirectory(prefix="fashion-bench-") as folder:
            kit = Kit.make(options.model.resolve(), Path(folder))
            found = list(rounds.run(chosen(options.only), kit, length, say))
    except (LoadFailed, DidNotStart, Dishonest) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    rows = [row for one in COMPARISONS if (row := one.figure(found))]
    print(f"\n{table.markdown(rows)}\n")
    for line in rounds.caveats(found):
        print(line)
    table.write(options.output, machine.describe(), found, rows)
    print(f"All that was measured: {options.output}")
    return 0


def arguments() -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two short rounds, about 2 minutes")
    parser.add_argument(
        "--only", default=",".join(REFERENCES), help="references, separated by commas (default all)"
    )
    parser.add_argument("--model", type=Path, default=ROOT / "models" / "dropout.h5")
    parser.add_argument("--output", type=Path, default=ROOT / "build" / "bench.json")
    return parser.parse_args()


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
        raise DidNotStart(f"{BENCH_PYTHON} is missing: `make bench` makes it.")
    return servers


def say(sentence: str) -> None:
    """Print progress at once."""
    print(sentence, flush=True)


if __name__ == "__main__":
    sys.exit(main())
