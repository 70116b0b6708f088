"""The service's settings, and its only reader of the environment."""

import os
import re
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from service.errors import SettingsRefused
from service.fashion_mnist import MIN_CONFIDENCE

MIB: Final = 2**20

Positive = Annotated[int, Field(gt=0)]

PREFIX: Final = "FASHION_"

TRAINING_NAMES: Final = frozenset({"FASHION_DATA_DIR", "FASHION_CACHE_DIR"})
"""Names that the trainer reads; the service leaves them alone."""

SECRETS: Final = frozenset({"api_keys", "admin_key"})
"""Settings whose values are shown nowhere."""

ORIGIN: Final = re.compile(r"\*|https?://(\[[0-9a-f:]+\]|[a-z0-9.-]+)(:\d{1,5})?")


class Settings(BaseSettings):
    """Every knob of the service: `FASHION_` and the name in capitals sets it."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    model_path: Path = Field(
        Path("models/best-model.h5"),
        description="The model file to serve. The default is the shipped one.",
    )
    model_sha256: str | None = Field(
        None,
        pattern="^[0-9a-fA-F]{64}$",
        description="The sha256 of the one file that may serve. Without it any file that passes "
        "the examination may; only a digest vouches for what is in it.",
    )
    model_poll_seconds: float = Field(
        1,
        gt=0,
        le=3600,
        description="Seconds between two looks at the model file. A look costs microseconds and "
        "works on every kind of volume; a new file serves after two of them.",
    )
    shutdown_delay: float = Field(
        0,
        ge=0,
        le=600,
        description="Seconds between SIGTERM and the end of answering, in which readiness is red "
        "and a balancer can notice. Behind a balancer, 5 is right; Ctrl-C does not wait.",
    )
    host: str = Field(
        "127.0.0.1",
        description="Address to listen on. The default is reached from this machine alone; "
        "`0.0.0.0` opens the service to the network.",
    )
    port: int = Field(
        8000, ge=0, le=65535, description="TCP port; 0 takes a free one, which the log names."
    )
    workers: Positive = Field(
        1,
        le=256,
        description="Processes that answer requests. Each takes about 80 MiB, 110 once it has seen "
        "a photograph; more than there are cores gains nothing.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="The least serious lines that are logged."
    )
    access_log: bool = Field(
        True, description="One log line per request. Off saves a few microseconds each."
    )
    batch_seconds: float = Field(
        5,
        gt=0,
        description="Seconds that reading a batch's files may take; each file after that gets a "
        "503 of its own. 1,024 pictures of 28×28 take 0.05, a hundred photographs of 12 "
        "megapixels 4.5.",
    )
    max_pixels: Positive = Field(
        40_000_000,
        le=178_956_970,
        description="Pixels that a picture's header may claim: today's largest phone pictures. "
        "A few kilobytes can claim billions. Of a WebP, whose decoder takes four times the room, a "
        "quarter is taken. Pillow itself ends at 178,956,970.",
    )
    batch_size: Positive = Field(
        64,
        description="Pictures that share one call of the model at most, of which a photograph is "
        "four. Larger calls gain little and keep the first of them waiting.",
    )
    queue_length: Positive = Field(
        1024,
        description="Pictures that may wait for the model, of which a photograph is four; more get "
        "a 503. The shipped model answers so many in 0.3 s. At least FASHION_BATCH_SIZE.",
    )
    min_confidence: float = Field(
        MIN_CONFIDENCE,
        ge=0,
        le=1,
        description="Below this confidence a prediction is called `uncertain`: by this alone 1 % "
        "of real photographs of clothes. At 0.5, 3 %, of which two thirds are named rightly.",
    )
    examine_seconds: Positive = Field(
        120,
        le=3600,
        description="Seconds that opening the model file may take. A file of ours takes one "
        "or two, a plain Keras file about ten on a slow machine.",
    )
    examine_memory_mib: Positive = Field(
        768,
        le=2**20,
        description="MiB of address space for the process that opens a model file of ours; "
        "it uses about 300.",
    )
    examine_keras_memory_mib: Positive = Field(
        6144,
        le=2**20,
        description="The same for a plain Keras file: TensorFlow reserves 2 to 4 GiB.",
    )
    api_keys: SecretStr | None = Field(
        None,
        description="Keys for users, separated by commas, each of 16 to 256 characters. With none, "
        "everybody who reaches the service may use it.",
    )
    api_keys_file: Path | None = Field(
        None,
        description="A file with such keys, one per line, read at the start. Other processes of "
        "the same user can read an environment, so prefer the file.",
    )
    admin_key: SecretStr | None = Field(
        None,
        description="A key for what changes the service, and for all else too. With none, that is "
        "refused to everybody.",
    )
    admin_key_file: Path | None = Field(
        None, description="A file with this key; several lines are several keys."
    )
    metrics_key: Literal["none", "user", "admin"] = Field(
        "none",
        description="Which key `/metrics` asks for. The default suits a scraper inside; the front "
        "proxy need not pass the path on.",
    )
    cors_origins: str | None = Field(
        None,
        description="Origins whose pages may call the service from a browser, such as "
        "`https://shop.example`, separated by commas; `*` for all. With none, browsers let no "
        "other page read an answer.",
    )
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

    @model_validator(mode="after")
    def _check_queue(self) -> Self:
        if self.queue_length < self.batch_size:
            raise ValueError("FASHION_QUEUE_LENGTH must be at least FASHION_BATCH_SIZE")
        return self

    @field_validator("cors_origins")
    @classmethod
    def _check_origins(cls, value: str | None) -> str | None:
        if not all(ORIGIN.fullmatch(one) for one in split_origins(value)):
            raise ValueError("an origin is http(s)://host, with :port if need be and no path")
        return value


def split_origins(value: str | None) -> tuple[str, ...]:
    """Return the origins that a list with commas names."""
    return tuple(one.strip() for one in (value or "").split(",") if one.strip())


def load_settings() -> Settings:
    """Return the settings that the environment asks for.

    Raises:
        SettingsRefused: a value that does not fit, or a `FASHION_` name that is not a setting.
    """
    known = {PREFIX + name.upper() for name in Settings.model_fields} | TRAINING_NAMES
    if unknown := sorted(n for n in os.environ if n.startswith(PREFIX) and n not in known):
        raise SettingsRefused(
            f"{', '.join(unknown)}: no such setting; docs/settings.md lists them all."
        )
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        if not first["loc"]:  # a rule over several settings, which says itself which
            raise SettingsRefused(f"{first['msg'].removeprefix('Value error, ')}.") from None
        field = str(first["loc"][0])
        shown = "..." if field in SECRETS else first["input"]
        raise SettingsRefused(
            f"{PREFIX}{field.upper()}={shown}: {first['msg']}."
        ) from None  # the error itself holds the value
