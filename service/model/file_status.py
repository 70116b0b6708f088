"""The file that lies at the model's path, as everybody who asks is told of it."""

import json
from dataclasses import asdict, dataclass
from typing import Self


@dataclass(frozen=True)
class Candidate:
    """What became of the file that lies at the path: `reason` is None if it is what is served.

    `refusals` counts the files that were refused since the start.
    """

    digest: str | None = None
    reason: str | None = None
    refusals: int = 0

    def to_json(self) -> bytes:
        """Return it as bytes, the way to a worker."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_json(cls, data: bytes) -> Self:
        """Read what `to_json` wrote."""
        return cls(**json.loads(data))
