"""The figures of `make bench`: what each is compared with, its target, and the printed table."""

from collections.abc import Iterator, Sequence
from statistics import median
from typing import Final, NamedTuple

from benchmarks.rounds import Round

HEAD: Final = ("figure", "unit", "service", "reference", "is", "ratio", "target", "")


class Comparison(NamedTuple):
    """A figure of one server and of another; without another, the ratio is the figure itself."""

    title: str
    unit: str
    ours: tuple[str, str]
    theirs: tuple[str, str] | None = None
    target: str = ""

    def pairs(self, rounds: Sequence[Round]) -> list[tuple[float, float]]:
        """Return both figures of each round that has them."""
        (server, figure), (other, its) = self.ours, self.theirs or self.ours
        return [
            (one[server][figure], one[other][its])
            for one in rounds
            if figure in one.get(server, {}) and its in one.get(other, {})
        ]


RATE: Final = "pictures/s"
FORM: Final = ("service", "form.rate")
RAW: Final = ("service", "raw.rate")

COMPARISONS: Final = (
    Comparison("form, 64 connections", RATE, FORM, ("ceiling", "form.rate"), "≥ 1.5"),
    Comparison("raw body, 64 connections", RATE, RAW, ("ceiling", "form.rate"), "≥ 2"),
    Comparison("raw body, both", RATE, RAW, ("ceiling", "raw.rate")),
    Comparison("form, 64 connections", RATE, FORM, ("litserve", "form.rate"), "≥ 6"),
    Comparison("form, 64 connections", RATE, FORM, ("bentoml", "form.rate"), "≥ 10"),
    Comparison("form, 64 connections", RATE, FORM, ("tutorial", "form.rate"), "≥ 320"),
    Comparison(
        "form, 1 connection, p50",
        "ms",
        ("service", "alone.p50_ms"),
        ("ceiling", "alone.p50_ms"),
        "≤ 1",
    ),
    Comparison(
        "raw body, 1 connection, p50",
        "ms",
        ("service", "raw-alone.p50_ms"),
        ("ceiling", "alone.p50_ms"),
    ),
    Comparison("form, 64 connections, p99 / p50", "", ("service", "form.tail"), target="≤ 2"),
    Comparison("raw body, 64 connections, p99 / p50", "", ("service", "raw.tail")),
    Comparison("the ceiling's form, p99 / p50", "", ("ceiling", "form.tail")),
    Comparison("form, two workers to one", RATE, ("service-2", "form.rate"), FORM, "≥ 1.7"),
    Comparison("raw body, two workers to one", RATE, ("service-2", "raw.rate"), RAW),
    Comparison("launch to first 200", "s", ("service", "launch"), ("ceiling", "launch"), "≤ 2"),
    Comparison("memory of one worker (PSS)", "MiB", ("service", "memory"), target="≤ 130"),
    Comparison("memory of each of two workers", "MiB", ("service-2", "memory"), target="≤ 130"),
    Comparison("memory of the ceiling", "MiB", ("ceiling", "memory")),
    Comparison(
        "batches of 256, 2 connections, to forms, 64 connections",
        RATE,
        ("service", "batch.rate"),
        FORM,
        "≥ 3",
    ),
)


def table(rounds: Sequence[Round]) -> str:
    """Return the measured figures as a Markdown table that also reads well on a terminal."""
    lines = [HEAD, *_rows(rounds)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    padded = [[cell.ljust(n) for cell, n in zip(line, widths, strict=True)] for line in lines]
    padded.insert(1, ["-" * n for n in widths])
    return "\n".join(f"| {' | '.join(line)} |" for line in padded)


def _rows(rounds: Sequence[Round]) -> Iterator[tuple[str, ...]]:
    for one in COMPARISONS:
        if pairs := one.pairs(rounds):
            ours, theirs = (median(values) for values in zip(*pairs, strict=True))
            ratio = median(a / b for a, b in pairs) if one.theirs else ours
            other = (one.theirs[0], number(theirs), number(ratio)) if one.theirs else ("", "", "")
            verdict = is_met(ratio, one.target)
            yield (one.title, one.unit, number(ours), *other, one.target, verdict)


def is_met(value: float, target: str) -> str:
    """Return `met` or `NOT MET` for a target such as `≥ 1.5`; nothing if there is none."""
    if not target:
        return ""
    sign, bound = target.split()
    met = value >= float(bound) if sign == "≥" else value <= float(bound)
    return "met" if met else "NOT MET"


def number(value: float) -> str:
    """Return a figure with three digits, or all of those before the point."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"
