"""The settings of what clients may send, how fast, and how many at once."""

from typing import Annotated, Final, Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings

MIB: Final = 2**20

Positive = Annotated[int, Field(gt=0)]


class Bounds(BaseSettings):
    """The part of `service.settings.Settings` that keeps clients within bounds."""

    max_image_bytes: Positive = Field(
        16 * MIB,
        description="Bytes in the body of one picture. A phone's photograph has 2 to 8 MiB.",
    )
    max_batch_bytes: Positive = Field(
        64 * MIB,
        description="Bytes in the body of a batch. It is held in memory, once.",
    )
    max_batch_files: Positive = Field(
        1024,
        description="Files in a batch. 1,024 small pictures take about 0.4 s; other requests get "
        "their turn in between.",
    )
    max_in_flight: Positive = Field(
        128,
        description="Requests for predictions that a worker answers at once; more get a 503 in a "
        "moment. One answers 2,000 small pictures a second, so 128 take 64 ms. A request counts "
        "once its body is there.",
    )
    max_held_bytes: Positive = Field(
        256 * MIB,
        description="Bytes of request bodies that a worker holds at once, four of the largest "
        "batches: beyond it, bodies over 64 KiB get a 503. At least FASHION_MAX_BATCH_BYTES.",
    )
    header_seconds: Positive = Field(
        10,
        le=3600,
        description="Seconds in which a request's headers must be complete: they fit into a few "
        "packets.",
    )
    stall_seconds: Positive = Field(
        20,
        le=3600,
        description="Seconds over which the speed of a body, and of an answer that is being read, "
        "is measured. A phone may lose its line for a moment.",
    )
    slowest_bytes_per_second: Positive = Field(
        8192,
        description="Bytes a second below which a client is cut off. At that speed, that of an "
        "old modem, a picture of 8 MiB takes 17 minutes.",
    )
    keep_alive_seconds: Positive = Field(
        75,
        le=3600,
        description="Seconds that a connection stays open without a request. A front proxy must "
        "close it earlier, or it sends into a closed one now and then; most take 60.",
    )

    @model_validator(mode="after")
    def _check_held(self) -> Self:
        if self.max_held_bytes < self.max_batch_bytes:
            raise ValueError("FASHION_MAX_HELD_BYTES must be at least FASHION_MAX_BATCH_BYTES")
        return self
