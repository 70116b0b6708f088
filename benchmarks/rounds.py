"""The order of the measurements, and what is told of each."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from benchmarks.figures import ENOUGH
from benchmarks.honesty import Numbers
from benchmarks.kit import FIXED, Kit
from benchmarks.load import QUIET
from benchmarks.servers import DidNotStart, Server, running, service
from benchmarks.visit import Length, Round, Visit, alone, answers, together

Say = Callable[[str], None]

LAUNCHES: Final = 3


def run(references: Sequence[Server], kit: Kit, length: Length, say: Say) -> Iterator[Round]:
    """Yield all rounds: each small server alone, these together, then each large reference.

    A reference that does not start is left out, and said so.

    Raises:
        DidNotStart, LoadFailed, Dishonest: the figures would mean nothing.
    """
    expected = first_answers(kit)
    small = [service(), *(one for one in references if one.name == FIXED), service(2)]
    for _ in range(LAUNCHES):
        yield told({one.name: alone(one, kit, expected) for one in small}, say)
    for found in together(small, kit, length):
        yield told(found, say)
    for large in references:
        if large.name == FIXED:
            continue
        try:
            yield told({large.name: alone(large, kit, expected)}, say)
            for found in together([service(), large], kit, larger(length), only="form"):
                yield told(found, say)
        except DidNotStart as error:
            say(f"{large.title} did not start: {error}")


def larger(length: Length) -> Length:
    """Return half the rounds, each run twice as long: a slow server answers little in a second."""
    return replace(length, rounds=max(1, length.rounds // 2), seconds=2 * length.seconds)


def first_answers(kit: Kit) -> Numbers:
    """Return the service's answers to the first 20 pictures, which all others must give too."""
    with running(service(), kit.model, kit.first(service()), kit.folder) as live:
        return answers(live, kit)


def told(found: Round, say: Say) -> Round:
    """Say what a round found, and return it."""
    for visit in found.values():
        say(describe(visit))
    return found


def describe(visit: Visit) -> str:
    """Return a visit in one line."""
    parts = [
        f"{name} {load.rate:,.0f}/s"
        + (f" ({load.errors} errors)" if load.errors else "")
        + ("!" if load.is_disturbed else "")
        for name, load in visit.loads.items()
    ]
    if visit.launch_seconds is not None:
        parts.append(f"{visit.launch_seconds:.2f} s to start")
    if visit.pss_mib is not None:
        parts.append(f"{visit.pss_mib:.0f} MiB")
    return f"{visit.server}: {', '.join(parts)}"


def caveats(rounds: Sequence[Round]) -> list[str]:
    """Return what the reader of the figures must know: disturbed runs and failed requests."""
    loads = [load for one in rounds for visit in one.values() for load in visit.loads.values()]
    disturbed = sum(load.is_disturbed for load in loads)
    errors = sum(load.errors for load in loads)
    most = max(load.other_cpu for load in loads)
    return [
        f"{disturbed} of {len(loads)} runs were disturbed: others used more than {QUIET} CPU "
        f"(at most {most:.2f}). ! marks a figure with fewer than {ENOUGH} undisturbed rounds.",
        f"{errors} requests failed.",
    ]
