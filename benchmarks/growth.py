"""`make bench-growth`: the plots of `docs/performance.md`, and memory over a million requests."""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from benchmarks.load import Load, LoadFailed, Shape, drive
from benchmarks.payloads import ROOT
from benchmarks.servers import CEILING, DidNotStart, Server, running, service

BLUE, RED, GREY = "#1f6f8b", "#d1495b", "#8d8d8d"
LINES: Final = (
    ("raw body, 2 workers", service(2), "raw", BLUE, "--"),
    ("form, 2 workers", service(2), "form", RED, "--"),
    ("raw body, 1 worker", service(), "raw", BLUE, "-"),
    ("form, 1 worker", service(), "form", RED, "-"),
    ("bare FastAPI endpoint, form", CEILING, "form", GREY, "-"),
)
"""Legend, server, kind of request, colour and style of each line."""

STEPS: Final = 20
"""How often memory is measured."""


@dataclass(frozen=True)
class Growth:
    """What is measured: numbers of connections and batch sizes are powers of two up to the largest.

    Each point is the median of `runs` runs, each of `seconds` seconds.
    """

    model: Path
    folder: Path
    runs: int = 2
    seconds: int = 2
    connections: int = 512
    batch: int = 1024
    requests: int = 1_000_000

    def loads(self, server: Server, shapes: Sequence[Shape]) -> list[list[Load]]:
        """Start a server, warm it up and return the runs of each shape."""
        with running(server, self.model, self.folder) as live:
            drive(live, Shape("form", 8), 1, self.folder)
            return [
                [drive(live, shape, self.seconds, self.folder) for _ in range(self.runs)]
                for shape in shapes
            ]

    def plot_connections(self) -> dict[str, Figure]:
        """Return throughput and p99 against the number of connections."""
        at = powers_of_two(self.connections)
        throughput, speeds = canvas("connections", "pictures a second")
        tail, latencies = canvas("connections", "p99, milliseconds")
        for legend, server, kind, colour, style in LINES:
            loads = self.loads(server, [Shape(kind, count) for count in at])
            line = {"label": legend, "color": colour, "linestyle": style, "marker": "."}
            speeds.plot(at, [median(run.rate for run in runs) for runs in loads], **line)
            latencies.plot(at, [median(run.p99_ms for run in runs) for runs in loads], **line)
        latencies.set_yscale("log")
        speeds.set_ylim(bottom=0)
        for axes in (speeds, latencies):
            axes.legend(frameon=False)
        return {"throughput.png": throughput, "tail.png": tail}

    def plot_batches(self) -> dict[str, Figure]:
        """Return throughput against the number of pictures in a batch."""
        at = powers_of_two(self.batch)
        figure, axes = canvas("pictures in one POST /predict/batch", "pictures a second")
        loads = self.loads(service(), [Shape("batch", 2, size) for size in at])
        axes.plot(at, [median(run.rate for run in runs) for runs in loads], marker=".", color=BLUE)
        axes.set_ylim(bottom=0)
        return {"batches.png": figure}

    def print_memory(self) -> None:
        """Print the memory of the service as requests go by."""
        sent, rate = 0, 0.0
        with running(service(), self.model, self.folder) as live:
            for goal in range(0, self.requests + 1, self.requests // STEPS):
                while sent <= goal:
                    seconds = (goal - sent) / rate if rate else 1
                    load = drive(live, Shape("form", 64), seconds, self.folder)
                    sent, rate = sent + load.pictures, load.rate
                print(f"{sent:,} requests: {live.memory_mib():.1f} MiB", flush=True)


def powers_of_two(largest: int) -> list[int]:
    """Return 1, 2, 4 and so on up to the largest."""
    return [2**power for power in range(largest.bit_length())]


def canvas(x: str, y: str) -> tuple[Figure, Axes]:
    """Return an empty plot whose x is logarithmic, with plain numbers on both axes."""
    figure = Figure(figsize=(7.5, 4.2), layout="constrained")
    axes = figure.add_subplot(xlabel=x, ylabel=y)
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_xscale("log", base=2)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda number, _: f"{number:,g}"))
    return figure, axes


def main() -> int:
    """Measure and write the plots; return 1 and print a sentence if that is not possible."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="3 minutes instead of 9")
    parser.add_argument("--model", type=Path, default=ROOT / "models" / "dropout.h5")
    parser.add_argument("--pictures", type=Path, default=ROOT / "docs" / "pictures")
    options = parser.parse_args()
    short = {"runs": 1, "seconds": 1, "requests": 50_000} if options.quick else {}
    try:
        with tempfile.TemporaryDirectory(prefix="fashion-bench-") as folder:
            growth = Growth(options.model.resolve(), Path(folder), **short)
            for name, figure in (growth.plot_connections() | growth.plot_batches()).items():
                figure.savefig(options.pictures / name, dpi=110)
            growth.print_memory()
    except (LoadFailed, DidNotStart) as error:
        print(f"bench-growth: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
