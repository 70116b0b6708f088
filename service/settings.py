"""The service's settings, and its only reader of the environment."""

import os
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from service.errors import SettingsRefused

PREFIX: Final = "FASHION_"
MIB: Final = 2**20

TRAINING_NAMES: Final = frozenset({"FASHION_DATA_DIR", "FASHION_CACHE_DIR"})
"""Names that the trainer reads; the service leaves them alone."""

Positive = Annotated[int, Field(gt=0)]


class Settings(BaseSettings):
    """Every knob of the service: `FASHION_` and the name in capitals sets it."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    model_path: Path = Field(
        Path("models/best-model.h5"),
        description="The model file to serve. The default is the shipped one.",
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
        description="Processes that answer requests. Each takes about 75 MiB; more than there are "
        "cores gains nothing.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="The least serious lines that are logged."
    )
    access_log: bool = Field(
        True, description="One log line per request. Off saves a few microseconds each."
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
        description="Files in a batch. 1,024 small pictures take about 50 ms, during which "
        "other requests wait.",
    )
    max_pixels: Positive = Field(
        40_000_000,
        le=178_956_970,
        description="Pixels that a picture's header may claim: today's largest phone pictures. "
        "A few kilobytes can claim billions. Pillow itself ends at 178,956,970.",
    )
    batch_size: Positive = Field(
        64,
        description="Pictures that share one call of the model at most. Larger ones gain little "
        "and keep the first of them waiting.",
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
        description="Pictures that may wait for the model; more get a 503. The shipped model "
        "answers so many in 10 ms.",
    )
    min_confidence: float = Field(
        0.5,
        ge=0,
        le=1,
        description="Below this confidence a prediction is called `uncertain`. At one half, all "
        "other classes together are as likely.",
    )
    examine_seconds: Positive = Field(
        120,
        description="Seconds that opening the model file may take. A file of ours takes less than "
        "one, a plain Keras file about ten on a slow machine.",
    )
    examine_memory_mib: Positive = Field(
        768,
        description="MiB of address space for the process that opens a model file of ours; "
        "it uses about 300.",
    )
    examine_keras_memory_mib: Positive = Field(
        6144,
        description="The same for a plain Keras file: TensorFlow reserves 2 to 4 GiB.",
    )


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
        name = PREFIX + str(first["loc"][0]).upper()
        raise SettingsRefused(f"{name}={first['input']}: {first['msg']}.") from error
