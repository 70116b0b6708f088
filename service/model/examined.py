"""A model file that passed every check, as the examiner hands it over."""

import json
from dataclasses import dataclass
from typing import Self

from service.model.facts import Facts


@dataclass(frozen=True)
class ExaminedModel:
    """Everything a server needs of a model file.

    `graph` is the compiled inference graph (LiteRT), `digest` the sha256 of the whole file. Each
    warning is a sentence for the user.
    """

    facts: Facts
    graph: bytes
    digest: str
    warnings: tuple[str, ...] = ()

    def to_bytes(self) -> bytes:
        """Serialize to a line of JSON followed by the graph."""
        header = {
            "facts": self.facts.model_dump(mode="json"),
            "digest": self.digest,
            "warnings": self.warnings,
        }
        return json.dumps(header).encode() + b"\n" + self.graph

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Deserialize what `to_bytes` returned."""
        line, _, graph = data.partition(b"\n")
        header = json.loads(line)
        return cls(
            Facts.model_validate(header["facts"]),
            graph,
            header["digest"],
            tuple(header["warnings"]),
        )
