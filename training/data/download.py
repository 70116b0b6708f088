"""Downloads the official files into a cache folder, each checked by its sha256."""

import os
from collections.abc import Sequence
from http.client import HTTPException
from itertools import islice
from pathlib import Path
from typing import Final
from urllib.request import urlopen

from rich.console import Console
from rich.progress import DownloadColumn, Progress, TimeRemainingColumn

from training.data.idx import FILES, KNOWN, DataRefused, sha256

LOCATIONS: Final = (
    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com",
    "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion",
)
"""The official location, then its mirror. The sha256 decides, so plain HTTP is safe."""

TIMEOUT_S: Final = 30
"""Longest silence of a server; a slow line still delivers something in that time."""

CHUNK: Final = 2**16
MAX_CHUNKS: Final = 1024
"""64 MiB. The largest file has 26 MB: whatever a server sends beyond that is something else."""


def download(folder: Path, locations: Sequence[str] = LOCATIONS, quiet: bool = False) -> None:
    """Fetch the official files that a folder lacks, each from the first location that has it.

    A file gets its name only when it is complete and its sha256 is right.

    Raises:
        DataRefused: no location has a file.
    """
    folder.mkdir(parents=True, exist_ok=True)
    columns = (*Progress.get_default_columns()[:2], DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), disable=quiet) as progress:
        for path in (folder / name for name in FILES):
            if not (path.is_file() and _is_official(path.name, path.read_bytes())):
                _fetch_from_any(path, locations, progress)


def _is_official(name: str, data: bytes) -> bool:
    return sha256(data) == KNOWN["official"][name]


def _fetch_from_any(path: Path, locations: Sequence[str], progress: Progress) -> None:
    failures = []
    for location in locations:
        url = f"{location}/{path.name}"
        try:
            return _fetch(url, path, progress)
        except (OSError, HTTPException, ValueError) as error:
            failures.append(f"{url} ({error})")
    raise DataRefused(
        f"{path.name} could not be downloaded from {' nor from '.join(failures)}: try again "
        f"later, or get {', '.join(FILES)} another way and name their folder with --data-dir."
    )


def _fetch(url: str, path: Path, progress: Progress) -> None:
    with (
        urlopen(url, timeout=TIMEOUT_S) as response,
        progress.wrap_file(response, response.length or 0, description=path.name) as body,
    ):
        data = b"".join(islice(iter(lambda: body.read(CHUNK), b""), MAX_CHUNKS))
    if not _is_official(path.name, data):
        raise ValueError(f"it sent {len(data)} bytes of something else")
    candidate = path.with_name(f"{path.name}.{os.getpid()}")
    candidate.write_bytes(data)
    os.replace(candidate, path)
