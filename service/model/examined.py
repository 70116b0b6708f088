"""What the examiner hands to a server: facts, graph and digest of a file that may serve."""

import json
import struct
from dataclasses import dataclass
from typing import Self

from service.model.facts import Facts

_HEADER = struct.Struct("<Q")


@dataclass(frozen=True)
class ExaminedModel:
    """A model that passed every check.

    `digest` is the sha256 of the whole file, `graph` the compiled inference graph (LiteRT), and
    each warning a sentence about something that the user should know.
    """

    facts: Facts
    graph: bytes
    digest: str
    warnings: tuple[str, ...] = ()

    def to_bytes(self) -> bytes:
        """Pack into one block of bytes, the way between processes."""
        header = {
            "facts": self.facts.model_dump(mode="json"),
            "digest": self.digest,
            "warnings": self.warnings,
        }
        text = json.dumps(header).encode()
        return _HEADER.pack(len(text)) + text + self.graph

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Unpack what `to_bytes` packed."""
        (length,) = _HEADER.unpack_from(data)
        end = _HEADER.size + length
        header = json.loads(data[_HEADER.size : end])
        return cls(
            facts=Facts.model_validate(header["facts"]),
            graph=data[end:],
            digest=header["digest"],
            warnings=tuple(header["warnings"]),
        )
