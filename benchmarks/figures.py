"""Visits to figures: the median over the rounds, the ratio, the target, and whether it is met."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.visit import Visit

Measure = Callable[[Visit], float]
Round = dict[str, Visit]
"""The visits of one round by the name of the server."""


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

    Without a reference, the ratio is the figure itself.
    """

    title: str
    unit: str
    ours: float
    reference_name: str
    reference: float | None
    ratio: float
    target: Target | None

    @property
    def verdict(self) -> str:
        """`met` or `NOT MET`; nothing where there is no target."""
        if self.target is None:
            return ""
        return "met" if self.target.is_met(self.ratio) else "NOT MET"


def rate(shape: str) -> Measure:
    """Return a measure: pictures a second in the runs of this shape."""
    return lambda visit: visit.loads[shape].rate


def thrift(shape: str) -> Measure:
    """Return a measure: pictures for each CPU second of the server, steadier than its rate."""
    return lambda visit: visit.loads[shape].pictures_per_cpu_second


def middle(shape: str) -> Measure:
    """Return a measure: the median latency in milliseconds."""
    return lambda visit: visit.loads[shape].p50_ms


def tail(shape: str) -> Measure:
    """Return a measure: the 99th percentile of the latency over the median."""
    return lambda visit: visit.loads[shape].tail


def launch(visit: Visit) -> float:
    """Return the seconds from the start to the first answer."""
    return visit.launch_seconds


def worker_memory(visit: Visit) -> float:
    """Return the PSS of the tree in MiB, divided by its workers."""
    return visit.pss_mib / visit.workers


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
        a minute, so a machine that slows down slows both.
        """
        ours = [self.measure(one[self.server]) for one in rounds if self._in(one)]
        if not ours:
            return None
        if self.reference is None:
            return self._figure(median(ours), None, median(ours))
        measure = self.reference_measure or self.measure
        theirs = [measure(one[self.reference]) for one in rounds if self._in(one)]
        ratio = median([own / other for own, other in zip(ours, theirs, strict=True)])
        return self._figure(median(ours), median(theirs), ratio)

    def _figure(self, ours: float, theirs: float | None, ratio: float) -> Figure:
        name = self.reference or ""
        return Figure(self.title, self.unit, ours, name, theirs, ratio, self.target)

    def _in(self, one: Round) -> bool:
        return self.server in one and (self.reference is None or self.reference in one)
