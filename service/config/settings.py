"""The service's settings. No other module of the service reads them from the environment."""

import os
import re
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from service.errors import SettingsRefused

MIB: Final = 2**20

Positive = Annotated[int, Field(gt=0)]

PREFIX: Final = "FASHION_"

TRAINING_NAMES: Final = frozenset({"FASHION_DATA_DIR", "FASHION_CACHE_DIR"})
"""Variables of the trainer, which the service ignores."""

SECRETS: Final = frozenset({"api_keys", "admin_key"})
"""Settings whose values no message may show."""

ORIGIN: Final = re.compile(r"\*|https?://(\[[0-9a-f:]+\]|[a-z0-9.-]+)(:\d{1,5})?")


class Settings(BaseSettings):
    """All settings. The environment variable of each is `FASHION_` and its name in capitals."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    model_path: Path = Field(
        Path("models/best-model.h5"),
        description="The model file to serve. The default is the shipped one.",
    )
    model_sha256: str | None = Field(
        None,
        pattern="^[0-9a-fA-F]{64}$",
        description="The sha256 of the one file that may serve. Without it, any file that "
        "passes the examination may serve, and only a digest proves what a file holds.",
    )
    model_poll_seconds: float = Field(
        1,
        gt=0,
        le=3600,
        description="Seconds between two checks for a new model file. A check takes "
        "microseconds and works on every kind of volume. A new file is served after two checks.",
    )
    shutdown_delay: float = Field(
        0,
        ge=0,
        le=600,
        description="Seconds that the service goes on answering after SIGTERM while readiness "
        "is red, so that load balancers notice. Set 5 behind a load balancer. Ctrl-C does not "
        "wait.",
    )
    host: str = Field(
        "127.0.0.1",
        description="Address to listen on. The default accepts connections from this machine "
        "alone; `0.0.0.0` opens the service to the network.",
    )
    port: int = Field(
        8000, ge=0, le=65535, description="TCP port. 0 takes a free port, which the log names."
    )
    workers: Positive = Field(
        1,
        le=256,
        description="Processes that answer requests. Each takes about 80 MiB, or 110 once it "
        "has read a photograph. More workers than cores gain nothing.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="The lowest level that is logged."
    )
    access_log: bool = Field(
        True, description="One log line per request. `false` saves a few microseconds each."
    )
    batch_seconds: float = Field(
        5,
        gt=0,
        description="Seconds for reading the files of a batch; each file after that gets a 503 "
        "of its own. 1,024 pictures of 28×28 take 0.05, a hundred photographs of 12 megapixels "
        "4.5.",
    )
    max_pixels: Positive = Field(
        40_000_000,
        le=178_956_970,
        description="Pixels that a picture's header may claim; the largest phone pictures have "
        "40 million, but a few kilobytes can claim billions. For a WebP it is a quarter, because "
        "its decoder takes four times the memory. Pillow allows at most 178,956,970.",
    )
    batch_size: Positive = Field(
        64,
        description="Pictures in one call of the model; a photograph counts as four. Larger "
        "calls gain little, and the first pictures wait longer.",
    )
    queue_length: Positive = Field(
        1024,
        description="Pictures that may wait for the model; a photograph counts as four. Any "
        "more get a 503. The shipped model answers 1,024 in 0.3 s. At least FASHION_BATCH_SIZE.",
    )
    min_confidence: float = Field(
        0.4,  # `fashion_mnist.MIN_CONFIDENCE`, whose module loads numpy: 7 MiB in the supervisor
        ge=0,
        le=1,
        description="Predictions below this confidence are `uncertain`. At the default, these "
        "are 1 % of real photographs of clothes; at 0.5 they are 3 %, and two thirds of them are "
        "classified correctly.",
    )
    examine_seconds: Positive = Field(
        120,
        le=3600,
        description="Seconds for opening the model file. A file of ours takes one or two, a "
        "plain Keras file about ten on a slow machine.",
    )
    examine_memory_mib: Positive = Field(
        768,
        le=2**20,
        description="MiB of address space for the process that opens a model file of ours. It "
        "uses about 300.",
    )
    examine_keras_memory_mib: Positive = Field(
        6144,
        le=2**20,
        description="The same for a plain Keras file. TensorFlow reserves 2 to 4 GiB.",
    )
    api_keys: SecretStr | None = Field(
        None,
        description="Keys for users, separated by commas, each of 16 to 256 characters. Without "
        "one, everybody who reaches the service may use it.",
    )
    api_keys_file: Path | None = Field(
        None,
        description="A file with such keys, one per line, which is read at the start. Prefer "
        "it: other processes of the same user can read the environment.",
    )
    admin_key: SecretStr | None = Field(
        None,
        description="A key for requests that change the service; it opens everything else too. "
        "Without one, such requests are refused.",
    )
    admin_key_file: Path | None = Field(
        None, description="A file with this key. Several lines are several keys."
    )
    metrics_key: Literal["none", "user", "admin"] = Field(
        "none",
        description="The key that `/metrics` asks for. The default suits a scraper in the same "
        "network; a front proxy need not forward the path.",
    )
    cors_origins: str | None = Field(
        None,
        description="Origins whose pages may call the service from a browser, separated by "
        "commas, such as `https://shop.example`; `*` allows all. Without one, browsers show "
        "answers to no other page.",
    )
    max_image_bytes: Positive = Field(
        16 * MIB,
        description="Bytes in the body of one picture. A phone's photograph has 2 to 8 MiB.",
    )
    max_batch_bytes: Positive = Field(
        64 * MIB,
        description="Bytes in the body of a batch, which is held in memory.",
    )
    max_batch_files: Positive = Field(
        1024,
        description="Files in a batch. 1,024 small pictures take about 0.4 s, and other "
        "requests are answered in between.",
    )
    max_in_flight: Positive = Field(
        128,
        description="Predictions that a worker works on at once; any more get a 503. A worker "
        "answers 2,000 small pictures a second, so 128 take 64 ms. A request counts once its body "
        "has arrived.",
    )
    max_held_bytes: Positive = Field(
        256 * MIB,
        description="Bytes of request bodies that a worker holds at once: four of the largest "
        "batches. Beyond it, bodies over 64 KiB get a 503. At least FASHION_MAX_BATCH_BYTES.",
    )
    header_seconds: Positive = Field(
        10,
        le=3600,
        description="Seconds for the headers of a request, which fit into a few packets.",
    )
    stall_seconds: Positive = Field(
        20,
        le=3600,
        description="Seconds over which the speed of a transfer is measured, because a phone "
        "may lose its connection for a moment.",
    )
    slowest_bytes_per_second: Positive = Field(
        8192,
        description="Bytes per second below which an upload or download is cut off. At this "
        "speed, a picture of 8 MiB takes 17 minutes.",
    )
    keep_alive_seconds: Positive = Field(
        75,
        le=3600,
        description="Seconds that a connection stays open between requests. A front proxy must "
        "close it earlier, or it sends into a closed connection now and then; most take 60.",
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
            raise ValueError("an origin is http(s)://host or http(s)://host:port, without a path")
        return value


def split_origins(value: str | None) -> tuple[str, ...]:
    """Return the origins in a list separated by commas."""
    return tuple(one.strip() for one in (value or "").split(",") if one.strip())


def load_settings() -> Settings:
    """Return the settings from the environment.

    Raises:
        SettingsRefused: a value is invalid, or a `FASHION_` variable is not a setting.
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
        if not first["loc"]:  # a rule over several settings, which names them
            raise SettingsRefused(f"{first['msg'].removeprefix('Value error, ')}.") from None
        field = str(first["loc"][0])
        shown = "..." if field in SECRETS else first["input"]
        raise SettingsRefused(
            f"{PREFIX}{field.upper()}={shown}: {first['msg']}."
        ) from None  # pydantic's error holds the value
