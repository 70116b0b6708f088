"""The service's settings, and its only reader of the environment."""

import os
import re
from pathlib import Path
from typing import Final, Literal, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import SettingsConfigDict

from service.bounds import Bounds, Positive
from service.errors import SettingsRefused

PREFIX: Final = "FASHION_"
MIN_CONFIDENCE: Final = 0.4  # of FASHION_MIN_CONFIDENCE

TRAINING_NAMES: Final = frozenset({"FASHION_DATA_DIR", "FASHION_CACHE_DIR"})
"""Names that the trainer reads; the service leaves them alone."""

SECRETS: Final = frozenset({"api_keys", "admin_key"})
"""Settings whose values are shown nowhere."""

ORIGIN: Final = re.compile(r"\*|https?://(\[[0-9a-f:]+\]|[a-z0-9.-]+)(:\d{1,5})?")


class Settings(Bounds):
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
    batch_wait_ms: float = Field(
        0,
        ge=0,
        le=1000,
        description="Milliseconds that the first picture of a batch waits for company. Without a "
        "wait, those share a call who come while the last one runs.",
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
