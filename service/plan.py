"""What the supervisor needs of the settings, and how it gets it."""

import json
from dataclasses import asdict, dataclass
from typing import Self

from service.model.examiner import Limits


@dataclass(frozen=True)
class Plan:
    """The supervisor's share of the settings."""

    host: str
    port: int
    workers: int
    model_path: str
    model_poll_seconds: float
    shutdown_delay: float
    log_level: str
    limits: Limits

    def to_json(self) -> str:
        """Return the plan as text, the way from a worker to the supervisor."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Read what `to_json` wrote."""
        values = json.loads(text)
        return cls(**{**values, "limits": Limits(**values["limits"])})
