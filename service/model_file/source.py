"""The bytes of a model file, read once so that all checks see the same bytes."""

import hashlib
import os
import stat
from pathlib import Path
from typing import Final, NamedTuple

from service.errors import ModelRefused

HDF5_SIGNATURE: Final = b"\x89HDF\r\n\x1a\n"

MAX_FILE_BYTES: Final = 256 * 2**20
"""A classifier of 28×28 pictures has a few megabytes."""


class ModelSource(NamedTuple):
    """The content of a file, and its sha256."""

    data: bytes
    digest: str


def read_source(path: Path, pinned: str | None = None) -> ModelSource:
    """Return the content of a file that starts as HDF5 does and is not too large.

    Raises:
        ModelRefused: there is no such file, it changed during the read, its sha256 is not the
            `pinned` one, or it cannot be a model file.
    """
    data = _read(path)
    digest = hashlib.sha256(data).hexdigest()
    if pinned is not None and digest != pinned.lower():
        raise ModelRefused(
            f"its sha256 is {digest}, and only {pinned.lower()} may serve (FASHION_MODEL_SHA256): "
            "put that file in its place, or change the setting",
            digest,
        )
    if not data.startswith(HDF5_SIGNATURE):
        raise ModelRefused("it is not an HDF5 file: save the model as .h5", digest)
    return ModelSource(data, digest)


def _read(path: Path) -> bytes:
    try:
        # O_NONBLOCK, because opening a pipe would wait for a writer.
        opened = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise ModelRefused(
            "there is no such file: name one that exists (the service reads FASHION_MODEL_PATH), "
            "or make one with `fashion-train train`"
        ) from None
    except OSError as error:
        raise ModelRefused(f"it cannot be read ({error.strerror})") from error
    try:
        return _read_opened(opened)
    finally:
        os.close(opened)


def _read_opened(opened: int) -> bytes:
    before = os.fstat(opened)
    if not stat.S_ISREG(before.st_mode):
        raise ModelRefused("it is not a regular file: name the model file itself")
    if before.st_size > MAX_FILE_BYTES:
        raise ModelRefused(f"it is larger than {MAX_FILE_BYTES} bytes, too large for a model")
    with open(opened, "rb", closefd=False) as file:
        data = file.read(before.st_size + 1)
    if len(data) != before.st_size or os.fstat(opened).st_mtime_ns != before.st_mtime_ns:
        raise ModelRefused("it changed while it was read: try again when it is completely written")
    return data
