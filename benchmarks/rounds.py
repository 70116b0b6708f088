"""The order of the visits: round after round, so that a slow minute strikes all servers alike."""

from collections.abc import Callable, Sequence

from benchmarks import bodies
from benchmarks.figures import Round
from benchmarks.honesty import Numbers
from benchmarks.load import QUIET
from benchmarks.servers import DidNotStart, Server, running, service
from benchmarks.visit import Kit, Length, Visit, answers, visit

Say = Callable[[str], None]


def run(references: Sequence[Server], kit: Kit, length: Length, say: Say) -> list[Round]:
    """Return the visits of all rounds.

    The service is first in every round, then the references, then the service with two workers.
    A server that does not start is left out, and said so.

    Raises:
        LoadFailed, Dishonest: the figures would mean nothing.
    """
    expected = first_answers(kit)
    rounds: list[Round] = []
    for number in range(1, length.rounds + 1):
        rounds.append({})
        for server in (service(), *references, service(2)):
            try:
                found = visit(server, kit, length, expected)
            except DidNotStart as error:
                say(f"round {number}: {server.title} did not start: {error}")
                continue
            rounds[-1][server.name] = found
            say(f"round {number}: {server.title}: {describe(found)}")
    return rounds


def first_answers(kit: Kit) -> Numbers:
    """Return the service's answers to the first 20 pictures, which all others must give too."""
    with running(service(), kit.model, bodies.form("file", kit.pictures[:1]), kit.folder) as live:
        return answers(live, kit)


def describe(found: Visit) -> str:
    """Return a visit in one line."""
    loads = ", ".join(
        f"{name} {load.rate:,.0f}/s"
        + (f" ({load.errors} errors)" if load.errors else "")
        + ("!" if load.is_disturbed else "")
        for name, load in found.loads.items()
    )
    return f"{loads}; {found.launch_seconds:.2f} s to start, {found.pss_mib:.0f} MiB"


def caveats(rounds: Sequence[Round]) -> list[str]:
    """Return what the reader of the figures must know: disturbed runs and failed requests."""
    loads = [load for one in rounds for visit in one.values() for load in visit.loads.values()]
    disturbed = sum(load.is_disturbed for load in loads)
    errors = sum(load.errors for load in loads)
    most = max(load.other_cpu for load in loads)
    return [
        f"{disturbed} of {len(loads)} runs were disturbed: others used more than {QUIET} CPU "
        f"(at most {most:.2f}).",
        f"{errors} requests failed.",
    ]
