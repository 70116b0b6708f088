"""Measures servers in rounds, in which the service and its references are loaded in turn.

Two runs that are compared are seconds apart, so a machine that slows down slows both.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
import numpy as np
import numpy.typing as npt

from benchmarks import payloads
from benchmarks.load import SHAPES, Load, LoadFailed, drive
from benchmarks.servers import CEILING, DidNotStart, Running, Server, running, service

LAUNCHES: Final = 3
CHECKED: Final = 20
"""Pictures whose answers are compared."""

CLOSE: Final = 1e-4
COUNTED: Final = re.compile(r"^fashion_predictions_total\{.*\} (\S+)$", re.MULTILINE)

Numbers = npt.NDArray[np.float64]

Round = dict[str, dict[str, float]]
"""The figures of each server by name, such as `launch` or `form.rate`."""


class Dishonest(Exception):
    """A server's answers differ from the service's, or the service did not predict each picture."""


@dataclass(frozen=True)
class Bench:
    """What all measurements share; `seconds` is the length of one run of wrk."""

    model: Path
    folder: Path
    rounds: int
    seconds: int

    def run(self, references: Sequence[Server]) -> Iterator[Round]:
        """Yield all rounds. A peer that cannot be measured is named and left out.

        Raises:
            DidNotStart, LoadFailed, Dishonest: the figures would mean nothing.
        """
        with self.start(service()) as live:
            expected = answers(live)
        small = [service(), *(one for one in references if one is CEILING), service(2)]
        for _ in range(LAUNCHES):
            yield {server.name: self.alone(server, expected) for server in small}
        yield from self.together(small, service().loads, self.rounds, self.seconds)
        for peer in references:
            if peer is not CEILING:
                try:
                    yield {peer.name: self.alone(peer, expected)}
                    # A slow server answers too little in a second: half as many runs, twice as long
                    rounds, seconds = max(1, self.rounds // 2), 2 * self.seconds
                    yield from self.together([service(), peer], ("form",), rounds, seconds)
                except (DidNotStart, LoadFailed) as error:
                    print(f"NOT MEASURED: {peer.name}: {error}")

    def alone(self, server: Server, expected: Numbers) -> dict[str, float]:
        """Check a server's answers, load it for a second each way, and return launch and memory.

        Raises:
            DidNotStart, LoadFailed, Dishonest: as their names say.
        """
        with self.start(server) as live:
            if server is not CEILING:
                check_answers(server.name, answers(live), expected)
            for name in server.loads:
                drive(live, SHAPES[name], 1, self.folder)
            if "service" in server.name:
                check_count(live, httpx.get(f"{live.url}/metrics", trust_env=False).text)
            return {"launch": live.launch_seconds, "memory": live.memory_mib() / server.workers}

    def together(
        self, servers: Sequence[Server], loads: Sequence[str], rounds: int, seconds: int
    ) -> Iterator[Round]:
        """Start several servers and yield rounds, in which each takes its loads in turn."""
        with ExitStack() as stack:
            lives = [stack.enter_context(self.start(server)) for server in servers]
            for live in lives:
                drive(live, SHAPES["form"], 1, self.folder)
            for _ in range(rounds):
                found: Round = {server.name: {} for server in servers}
                for name in loads:
                    for live in lives:
                        if name in live.server.loads:
                            load = drive(live, SHAPES[name], seconds, self.folder)
                            found[live.server.name] |= figures(name, load)
                yield found

    def start(self, server: Server) -> AbstractContextManager[Running]:
        """Return a context manager in which the server runs."""
        return running(server, self.model, self.folder)


def figures(name: str, load: Load) -> dict[str, float]:
    """Return the figures of a load, each named like `form.rate`."""
    kinds = ("rate", "p50_ms", "tail")
    return {f"{name}.{kind}": getattr(load, kind) for kind in kinds}


def answers(live: Running) -> Numbers:
    """Return a server's answers to the first 20 pictures, float64[20, 10]."""
    pictures = map(payloads.to_png, payloads.read_pixels()[:CHECKED])
    return np.array([probabilities(live.predict(picture)) for picture in pictures])


def probabilities(answer: Any) -> list[float]:
    """Return the ten probabilities of a JSON answer, also from a list of one answer."""
    if isinstance(answer, list):
        (answer,) = answer
    numbers = answer["probabilities"]
    return [one["probability"] if isinstance(one, dict) else one for one in numbers]


def check_answers(name: str, found: Numbers, expected: Numbers) -> None:
    """Raise Dishonest if two servers' answers, float64[n, 10], differ by more than 1e-4."""
    difference = np.abs(found - expected).max()
    if not difference <= CLOSE:
        raise Dishonest(f"{name}: its answers differ from the service's by {difference:.1e}")


def check_count(live: Running, metrics: str) -> None:
    """Raise Dishonest unless the service counted one prediction for each picture it answered.

    A picture whose connection was closed at the end of a run may have been predicted or not.
    """
    counted = int(sum(map(float, COUNTED.findall(metrics))))
    most = live.answered + live.in_flight
    if not live.answered <= counted <= most:
        raise Dishonest(
            f"the service answered {live.answered} to {most} pictures and counted {counted}"
        )
