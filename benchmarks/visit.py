"""One visit to a server: start it, check it, warm it up, load it, weigh it, end it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks import bodies, honesty, pictures, processes
from benchmarks.load import Load, Shape, drive, drive_quietly
from benchmarks.servers import Running, Server, running

CHECKED: Final = 20
BATCH: Final = 256
FIXED: Final = "ceiling"
"""The server that answers the same whatever the picture is."""


@dataclass(frozen=True)
class Visit:
    """What a visit found; `loads` by the name of their shape, memory of the whole tree."""

    server: str
    launch_seconds: float
    pss_mib: float
    workers: int
    loads: dict[str, Load]
    difference: float = 0.0
    predictions: int = 0


@dataclass(frozen=True)
class Length:
    """How much is measured: rounds, seconds of a run, and seconds to wait for a quiet machine."""

    rounds: int
    seconds: int
    patience: int


@dataclass(frozen=True)
class Kit:
    """What every visit needs: the model, the pictures and the folder for requests and logs."""

    model: Path
    folder: Path
    pictures: tuple[bytes, ...] = field(repr=False)

    @classmethod
    def make(cls, model: Path, folder: Path) -> "Kit":
        """Encode the pictures; `folder` is made where it is missing."""
        folder.mkdir(parents=True, exist_ok=True)
        return cls(model, folder, tuple(map(pictures.to_png, pictures.test_pixels())))

    def form(self, name: str, connections: int, field: str = "file") -> Shape:
        """Single pictures as forms."""
        each = (bodies.form(field, [picture]) for picture in self.pictures)
        return self._shape(name, f"form-{field}", "/predict", each, connections)

    def raw(self, name: str, connections: int, path: str = "/predict") -> Shape:
        """Single pictures as the body itself."""
        each = map(bodies.raw, self.pictures)
        return self._shape(name, f"raw{path.replace('/', '-')}", path, each, connections)

    def batch(self, name: str, connections: int, size: int = BATCH) -> Shape:
        """Forms of `size` pictures each."""
        count = max(1, len(self.pictures) // size)
        files = [self.pictures[at * size : (at + 1) * size] for at in range(count)]
        files = [(group * size)[:size] for group in files]
        each = (bodies.form("files", group) for group in files)
        shape = self._shape(name, f"batch-{size}", "/predict/batch", each, connections)
        return replace(shape, pictures=size)

    def _shape(
        self, name: str, stem: str, path: str, each: Iterable[bodies.Body], connections: int
    ) -> Shape:
        file = self.folder / f"{stem}.requests"
        if not file.exists():
            bodies.write_requests(file, path, each)
        return Shape(name, file, connections)

    def shapes(self, server: Server) -> list[Shape]:
        """Return what a server is loaded with: the service all, the references forms."""
        single = self.form("form", 64, server.field)
        if server.name == "service":
            alone, batch = self.form("alone", 1), self.batch("batch", 2)
            return [single, self.raw("raw", 64), alone, self.raw("raw-alone", 1), batch]
        if server.name == FIXED:
            return [single, self.raw("raw", 64, "/raw"), self.form("alone", 1)]
        return [single, self.raw("raw", 64)] if "service" in server.name else [single]


def visit(server: Server, kit: Kit, length: Length, expected: honesty.Numbers) -> Visit:
    """Visit a server; `expected` are the service's answers to the first 20 pictures.

    Raises:
        DidNotStart, LoadFailed, Dishonest: as their names say.
    """
    first = bodies.form(server.field, [kit.pictures[0]])
    with running(server, kit.model, first, kit.folder) as live:
        difference = 0.0
        if server.name != FIXED:
            difference = honesty.check_agreement(server.name, answers(live, kit), expected)
        loads = _loads(live, kit.shapes(server), length)
        own = "service" in server.name
        return Visit(
            server=server.name,
            launch_seconds=live.launch_seconds,
            pss_mib=processes.memory_mib(live.pid),
            workers=server.workers,
            loads=loads,
            difference=difference,
            predictions=honesty.check_count(live) if own else 0,
        )


def answers(live: Running, kit: Kit) -> honesty.Numbers:
    """Return a server's answers to the first 20 pictures, float64[20, 10]."""
    forms = [bodies.form(live.server.field, [one]) for one in kit.pictures[:CHECKED]]
    return np.array([honesty.ten_numbers(live.post("/predict", one)) for one in forms])


def _loads(live: Running, shapes: Sequence[Shape], length: Length) -> dict[str, Load]:
    drive(live, replace(shapes[0], connections=8), 1)
    return {
        shape.name: drive_quietly(live, shape, length.seconds, length.patience) for shape in shapes
    }
