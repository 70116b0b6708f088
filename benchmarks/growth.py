"""`make bench-growth`: throughput, tail and memory as connections, batches and requests grow."""

import argparse
import dataclasses
import json
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks import machine, plots, processes
from benchmarks.kit import Kit
from benchmarks.load import Load, LoadFailed, Shape, check_installed, drive
from benchmarks.servers import REFERENCES, ROOT, DidNotStart, Running, Server, running, service

CONNECTIONS: Final = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
BATCHES: Final = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)
BATCH_CONNECTIONS: Final = 2
STOPS: Final = 20
"""How often memory is weighed on the way to the last request."""


@dataclass(frozen=True)
class Extent:
    """How long it is measured: rounds, seconds for a run, and requests until memory is weighed."""

    rounds: int
    seconds: int
    first_requests: int
    last_requests: int


FULL: Final = Extent(2, 2, 10_000, 1_000_000)
QUICK: Final = Extent(1, 1, 1_000, 50_000)


def main() -> int:
    """Measure, write JSON and draw the plots; return 1 with a sentence where it cannot."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="about 3 minutes instead of 9")
    parser.add_argument("--draw", action="store_true", help="draw the last run's plots anew")
    parser.add_argument("--model", type=Path, default=ROOT / "models" / "dropout.h5")
    parser.add_argument("--output", type=Path, default=ROOT / "build" / "growth.json")
    parser.add_argument("--pictures", type=Path, default=ROOT / "docs" / "pictures")
    options = parser.parse_args()
    try:
        if not options.draw:
            measured = measure(options.model.resolve(), QUICK if options.quick else FULL)
            options.output.parent.mkdir(parents=True, exist_ok=True)
            options.output.write_text(json.dumps(measured, indent=1) + "\n")
    except (LoadFailed, DidNotStart) as error:
        print(f"bench-growth: {error}", file=sys.stderr)
        return 1
    for file in plots.draw(json.loads(options.output.read_text()), options.pictures):
        print(file)
    return 0


def measure(model: Path, extent: Extent) -> dict[str, Any]:
    """Return all runs: by connections, by size of the batch, and memory by requests.

    Raises:
        LoadFailed, DidNotStart: as their names say.
    """
    check_installed()
    with tempfile.TemporaryDirectory(prefix="fashion-bench-") as folder:
        kit = Kit.make(model, Path(folder))
        runs = list(connection_runs(kit, extent))
        runs += batch_runs(kit, extent)
        weighed = list(weigh(kit, extent))
    return {"machine": machine.describe(), "runs": runs, "memory": weighed}


def connection_runs(kit: Kit, extent: Extent) -> Iterator[dict[str, Any]]:
    """Yield runs of the service with one and two workers and of the ceiling, round after round."""
    for _ in range(extent.rounds):
        for server in (service(), service(2), REFERENCES["ceiling"]):
            shapes = [kit.form("form", count) for count in CONNECTIONS]
            if server is not REFERENCES["ceiling"]:
                shapes += [kit.raw("raw", count) for count in CONNECTIONS]
            yield from runs_of(server, kit, shapes, extent.seconds)


def batch_runs(kit: Kit, extent: Extent) -> Iterator[dict[str, Any]]:
    """Yield runs of the service with batches of growing size."""
    shapes = [kit.batch("batch", BATCH_CONNECTIONS, size) for size in BATCHES]
    for _ in range(extent.rounds):
        yield from runs_of(service(), kit, shapes, extent.seconds)


def runs_of(
    server: Server, kit: Kit, shapes: Iterable[Shape], seconds: float
) -> Iterator[dict[str, Any]]:
    """Start a server, warm it up, and yield one run of each shape."""
    with started(server, kit) as live:
        drive(live, kit.form("form", 8), 1)
        for shape in shapes:
            load = drive(live, shape, seconds)
            say(server, load)
            yield {"server": server.name, "batch": shape.pictures} | dataclasses.asdict(load)


def weigh(kit: Kit, extent: Extent) -> Iterator[dict[str, float]]:
    """Yield the memory of the service, all of it and what it alone has, as requests go by."""
    shape, sent, rate = kit.form("form", 64), 0, 0.0
    step = extent.last_requests // STOPS
    with started(service(), kit) as live:
        for stop in (extent.first_requests, *range(step, extent.last_requests + 1, step)):
            while sent < stop:
                load = drive(live, shape, (stop - sent) / rate + 1 if rate else 1)
                sent, rate = sent + load.requests, load.rate
            pss = processes.memory_mib(live.pid)
            private = processes.memory_mib(live.pid, "Private_")
            print(f"{sent:,} requests: {pss:.1f} MiB, {private:.1f} of them private", flush=True)
            yield {"requests": sent, "pss_mib": pss, "private_mib": private}


def started(server: Server, kit: Kit) -> AbstractContextManager[Running]:
    """Return a server that runs for the length of a `with`."""
    return running(server, kit.model, kit.first(server), kit.folder)


def say(server: Server, load: Load) -> None:
    """Print one run."""
    mark = "!" if load.is_disturbed else ""
    print(
        f"{server.title}, {load.shape}, {load.connections} connections: {load.rate:,.0f}/s, "
        f"p50 {load.p50_ms:.2f} ms, p99 {load.p99_ms:.2f} ms {mark}",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
