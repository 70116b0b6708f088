"""Visits to servers: alone, to weigh and to check them, and together, to load them in turn."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from benchmarks import bodies, honesty, processes
from benchmarks.kit import FIXED, Kit
from benchmarks.load import Load, drive, drive_quietly
from benchmarks.servers import Running, Server, running

CHECKED: Final = 20


@dataclass(frozen=True)
class Visit:
    """What a visit found: loads by the name of their shape, or what only a server alone shows.

    `pss_mib` is the memory of the whole process tree, `difference` the largest from the service's
    answers, and `predictions` what the service counted itself.
    """

    server: str
    workers: int
    loads: dict[str, Load] = field(default_factory=dict)
    launch_seconds: float | None = None
    pss_mib: float | None = None
    difference: float = 0.0
    predictions: int = 0


Round = dict[str, Visit]
"""The visits of one round by the name of the server."""


@dataclass(frozen=True)
class Length:
    """How much is measured: rounds, seconds of a run, and seconds to wait for a quiet machine."""

    rounds: int
    seconds: int
    patience: int


def alone(server: Server, kit: Kit, expected: honesty.Numbers) -> Visit:
    """Start a server, check it, load it for a second in each way, weigh it, and end it.

    `expected` are the service's answers to the first 20 pictures.

    Raises:
        DidNotStart, LoadFailed, Dishonest: as their names say.
    """
    with running(server, kit.model, kit.first(server), kit.folder) as live:
        difference = 0.0
        if server.name != FIXED:
            difference = honesty.check_agreement(server.name, answers(live, kit), expected)
        for shape in kit.shapes(server):
            drive(live, shape, 1)
        return Visit(
            server=server.name,
            workers=server.workers,
            launch_seconds=live.launch_seconds,
            pss_mib=processes.memory_mib(live.pid),
            difference=difference,
            predictions=honesty.check_count(live) if "service" in server.name else 0,
        )


def together(
    servers: Sequence[Server], kit: Kit, length: Length, only: str = ""
) -> Iterator[Round]:
    """Start several servers and yield rounds in which they are loaded in turn, one at a time.

    The others idle meanwhile, so two runs that are compared lie seconds apart. Each server is
    loaded in all the ways it takes, or in the `only` one that is named.

    Raises:
        DidNotStart, LoadFailed: as their names say.
    """
    with ExitStack() as stack:
        lives = [
            stack.enter_context(running(one, kit.model, kit.first(one), kit.folder))
            for one in servers
        ]
        for live in lives:
            drive(live, replace(kit.shapes(live.server)[0], connections=8), 1)
        for _ in range(length.rounds):
            yield _round(lives, kit, length, only)


def answers(live: Running, kit: Kit) -> honesty.Numbers:
    """Return a server's answers to the first 20 pictures, float64[20, 10]."""
    forms = [bodies.form(live.server.field, [one]) for one in kit.pictures[:CHECKED]]
    return np.array([honesty.ten_numbers(live.post("/predict", one)) for one in forms])


def _round(lives: Sequence[Running], kit: Kit, length: Length, only: str) -> Round:
    visits = {live.server.name: Visit(live.server.name, live.server.workers) for live in lives}
    shapes = {live.server.name: {s.name: s for s in kit.shapes(live.server)} for live in lives}
    for name in [only] if only else shapes[lives[0].server.name]:
        for live in lives:
            if shape := shapes[live.server.name].get(name):
                load = drive_quietly(live, shape, length.seconds, length.patience)
                visits[live.server.name].loads[name] = load
    return visits
