"""The plots of `docs/performance.md`, drawn from what `make bench-growth` wrote."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any, Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

Run = dict[str, Any]
Points = list[tuple[float, float]]

LINES: Final = (
    ("service-2", "raw", "raw body, 2 workers", "#1f6f8b", "--"),
    ("service-2", "form", "form, 2 workers", "#d1495b", "--"),
    ("service", "raw", "raw body, 1 worker", "#1f6f8b", "-"),
    ("service", "form", "form, 1 worker", "#d1495b", "-"),
    ("ceiling", "form", "bare FastAPI endpoint, form", "#8d8d8d", "-"),
)
"""Server, shape, legend, colour and style of each line over the connections."""


def draw(measured: dict[str, Any], folder: Path) -> Iterator[Path]:
    """Write the plots into a folder and yield their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    runs = measured["runs"]
    for name, figure in (
        ("throughput.png", over_connections(runs, rate, "pictures a second")),
        ("tail.png", over_connections(runs, lambda run: run["p99_ms"], "p99, milliseconds")),
        ("batches.png", over_batches(runs)),
        ("memory.png", over_requests(measured["memory"])),
    ):
        figure.savefig(folder / name, dpi=110)
        yield folder / name


def over_connections(runs: Iterable[Run], value: Callable[[Run], float], label: str) -> Figure:
    """Draw one value of the service and the ceiling against the number of connections."""
    figure, axes = canvas("connections", label)
    runs = list(runs)
    for server, shape, legend, colour, style in LINES:
        chosen = [run for run in runs if (run["server"], run["shape"]) == (server, shape)]
        line(axes, points(chosen, "connections", value), legend, colour, style)
    scale(axes, base=2)
    if label.startswith("p99"):
        axes.set_yscale("log")
        axes.autoscale(axis="y")
    return figure


def over_batches(runs: Iterable[Run]) -> Figure:
    """Draw pictures a second, and the latency beside it, against the size of a batch."""
    figure, axes = canvas("pictures in one POST /predict/batch", "pictures a second")
    chosen = [run for run in runs if run["shape"] == "batch"]
    line(axes, points(chosen, "batch", rate), "pictures a second", "#1f6f8b", "-")
    scale(axes, base=2)
    right = axes.twinx()
    right.set_ylabel("p50 of a request, milliseconds")
    line(right, points(chosen, "batch", lambda run: run["p50_ms"]), "p50", "#d1495b", "--")
    right.set_ylim(bottom=0)
    right.legend(frameon=False, loc="lower right")
    return figure


def over_requests(weighed: Sequence[dict[str, float]]) -> Figure:
    """Draw the memory of the service against the requests that it has answered."""
    figure, axes = canvas("requests answered", "MiB, supervisor and one worker")
    for key, legend, colour in (
        ("pss_mib", "proportional set size", "#1f6f8b"),
        ("private_mib", "of this private", "#d1495b"),
    ):
        line(axes, [(one["requests"], one[key]) for one in weighed], legend, colour, "-")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda number, _: f"{number:,.0f}"))
    axes.set_ylim(bottom=0)
    axes.legend(frameon=False)
    return figure


def points(runs: Iterable[Run], key: str, value: Callable[[Run], float]) -> Points:
    """Return the median of a value over the rounds for each x, in the order of x."""
    found: dict[float, list[float]] = {}
    for run in runs:
        found.setdefault(run[key], []).append(value(run))
    return [(x, median(values)) for x, values in sorted(found.items())]


def rate(run: Run) -> float:
    """Return the pictures a second of a run."""
    return float(run["pictures"] / run["seconds"])


def canvas(x: str, y: str) -> tuple[Figure, Axes]:
    """Return an empty plot with its axes named."""
    figure = Figure(figsize=(7.5, 4.2), layout="constrained")
    axes = figure.add_subplot(xlabel=x, ylabel=y)
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def line(axes: Axes, drawn: Points, legend: str, colour: str, style: str) -> None:
    """Draw one line with a dot at each point; nothing where there are no points."""
    if drawn:
        axes.plot(*zip(*drawn, strict=True), style, marker="o", ms=4, color=colour, label=legend)


def scale(axes: Axes, base: int) -> None:
    """Make x logarithmic with plain numbers, let y begin at 0, and add the legend."""
    axes.set_xscale("log", base=base)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda number, _: f"{number:g}"))
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda number, _: f"{number:,g}"))
    axes.legend(frameon=False)
