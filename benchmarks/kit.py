"""What every measurement needs: the model, the pictures, and the requests made of them."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from benchmarks import bodies, pictures
from benchmarks.load import Shape
from benchmarks.servers import Server

BATCH: Final = 256
FIXED: Final = "ceiling"
"""The server that answers the same whatever the picture is."""


@dataclass(frozen=True)
class Kit:
    """What every measurement needs: the model, the pictures, the folder for requests and logs."""

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

    def first(self, server: Server) -> bodies.Body:
        """Return the form of the first picture, which a server is waited for with."""
        return bodies.form(server.field, self.pictures[:1])

    def shapes(self, server: Server) -> list[Shape]:
        """Return what a server is loaded with: the service all, the references forms."""
        single = self.form("form", 64, server.field)
        if server.name == "service":
            alone, batch = self.form("alone", 1), self.batch("batch", 2)
            return [single, self.raw("raw", 64), alone, self.raw("raw-alone", 1), batch]
        if server.name == FIXED:
            return [single, self.raw("raw", 64, "/raw"), self.form("alone", 1)]
        return [single, self.raw("raw", 64)] if "service" in server.name else [single]
