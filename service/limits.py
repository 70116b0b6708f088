"""What a client may send, and how long it may take: the numbers of the HTTP protocol."""

from dataclasses import dataclass
from typing import Final

from service.settings import Settings

HEAD_BYTES: Final = 16 * 1024
HEAD_FIELDS: Final = 100

PIPELINED: Final = 32
"""Requests that may be sent ahead of the answer to the first; browsers send none."""

SPARE_BYTES: Final = 64 * 1024
FRAME_FACTOR: Final = 8
"""What may come around a chunked body: so much, and for each of its bytes so many (a chunk of one
byte takes six). Without a limit, a field after the body would be collected for ever."""

MESSAGE_FACTOR: Final = 4
"""What is too large is answered at once, then thrown away up to so many times the largest body:
most clients read no answer while they send."""

DISCARD_SECONDS: Final = 10
"""How long a client may go on sending after its last answer."""


@dataclass(frozen=True)
class Limits:
    """What the settings say: seconds without a request and for headers, a pace, a size."""

    idle_seconds: float
    head_seconds: float
    pace_bytes: int
    pace_seconds: float
    message_bytes: int

    @classmethod
    def of(cls, settings: Settings) -> "Limits":
        """Return the limits of these settings."""
        return cls(
            idle_seconds=settings.keep_alive_seconds,
            head_seconds=settings.header_seconds,
            pace_bytes=settings.slowest_bytes_per_second * settings.stall_seconds,
            pace_seconds=settings.stall_seconds,
            message_bytes=MESSAGE_FACTOR * max(settings.max_image_bytes, settings.max_batch_bytes),
        )
