"""Visits to figures: the median over the rounds, the ratio, the target, and whether it is met."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from benchmarks.load import Load
from benchmarks.visit import Round, Visit

ENOUGH: Final = 3
"""Undisturbed rounds that are worth more than all rounds."""


@dataclass(frozen=True)
class Measure:
    """What is taken from a visit: None where the visit does not have it.

    `shape` names the load that it comes from, so that a disturbed one can be told.
    """

    take: Callable[[Visit], float | None]
    shape: str = ""

    def is_disturbed(self, visit: Visit) -> bool:
        """Return whether others worked beside the run that is measured."""
        return bool(self.shape) and visit.loads[self.shape].is_disturbed


@dataclass(frozen=True)
class Target:
    """What a figure must come to: at least, or at most, so much."""

    value: float
    at_least: bool

    @property
    def text(self) -> str:
        """The target as people write it."""
        return f"{'≥' if self.at_least else '≤'} {self.value:g}"

    def is_met(self, found: float) -> bool:
        """Return whether a figure is good enough."""
        return found >= self.value if self.at_least else found <= self.value


@dataclass(frozen=True)
class Figure:
    """One line of the table: what was measured here and there, and the ratio of both.

    Without a reference, the ratio is the figure itself. `rounds` tells how many of the rounds
    count: the undisturbed ones where there are enough, else all, marked with an exclamation mark.
    """

    title: str
    unit: str
    ours: float
    reference_name: str
    reference: float | None
    ratio: float
    target: Target | None
    rounds: str

    @property
    def verdict(self) -> str:
        """`met` or `NOT MET`; nothing where there is no target."""
        if self.target is None:
            return ""
        return "met" if self.target.is_met(self.ratio) else "NOT MET"


def of_load(shape: str, value: Callable[[Load], float]) -> Measure:
    """Return a measure that is taken from the load of this shape."""

    def take(visit: Visit) -> float | None:
        load = visit.loads.get(shape)
        return None if load is None else value(load)

    return Measure(take, shape)


def rate(shape: str) -> Measure:
    """Return a measure: pictures a second in the runs of this shape."""
    return of_load(shape, lambda load: load.rate)


def thrift(shape: str) -> Measure:
    """Return a measure: pictures for each CPU second of the server, steadier than its rate."""
    return of_load(shape, lambda load: load.pictures_per_cpu_second)


def middle(shape: str) -> Measure:
    """Return a measure: the median latency in milliseconds."""
    return of_load(shape, lambda load: load.p50_ms)


def tail(shape: str) -> Measure:
    """Return a measure: the 99th percentile of the latency over the median."""
    return of_load(shape, lambda load: load.tail)


def launch() -> Measure:
    """Return a measure: the seconds from the start to the first answer."""
    return Measure(lambda visit: visit.launch_seconds)


def worker_memory() -> Measure:
    """Return a measure: the PSS of the tree in MiB, divided by its workers."""
    return Measure(lambda visit: None if visit.pss_mib is None else visit.pss_mib / visit.workers)


@dataclass(frozen=True)
class Pair:
    """One round's value here and there; without a reference, there is 1."""

    ours: float
    theirs: float
    disturbed: bool


@dataclass(frozen=True)
class Comparison:
    """How a figure is made: two measures, each of a server."""

    title: str
    unit: str
    server: str
    measure: Measure
    reference: str | None = None
    reference_measure: Measure | None = None
    target: Target | None = None

    def figure(self, rounds: Sequence[Round]) -> Figure | None:
        """Return the figure over all rounds that have both servers, None if there is none.

        The ratio is the median of the rounds' ratios: both sides of each were measured within
        seconds, so a machine that slows down slows both.
        """
        pairs = [pair for one in rounds if (pair := self._pair(one))]
        if not pairs:
            return None
        quiet = [pair for pair in pairs if not pair.disturbed]
        counted = quiet if len(quiet) >= ENOUGH else pairs
        return Figure(
            title=self.title,
            unit=self.unit,
            ours=median([pair.ours for pair in counted]),
            reference_name=self.reference or "",
            reference=median([pair.theirs for pair in counted]) if self.reference else None,
            ratio=median([pair.ours / pair.theirs for pair in counted]),
            target=self.target,
            rounds=f"{len(counted)} of {len(pairs)}" + "!" * (counted is not quiet),
        )

    def _pair(self, one: Round) -> Pair | None:
        sides = [(self.server, self.measure)]
        if self.reference:
            sides.append((self.reference, self.reference_measure or self.measure))
        if any(name not in one for name, _ in sides):
            return None
        values = [measure.take(one[name]) for name, measure in sides]
        found = [value for value in values if value is not None]
        if len(found) < len(sides):
            return None
        disturbed = any(measure.is_disturbed(one[name]) for name, measure in sides)
        return Pair(found[0], found[1] if self.reference else 1.0, disturbed)
