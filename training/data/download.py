"""Fetches the official files into a cache folder, checked on the way in."""

import os
from collections.abc import Sequence
from http.client import HTTPException
from pathlib import Path
from typing import Final
from urllib.request import urlopen

from rich.console import Console
from rich.progress import DownloadColumn, Progress, TaskID, TimeRemainingColumn

from training.data.idx import FILES, KNOWN, DataRefused, sha256

LOCATIONS: Final = (
    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com",
    "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion",
)
"""The official location first, then its mirror. The digest decides, so plain HTTP is safe."""

TIMEOUT_S: Final = 30
"""Longest silence of a server; a slow line still delivers something in that time."""

MAX_BYTES: Final = 64 * 2**20
"""No file is larger than 26 MB: a server that sends more sends something else."""

CHUNK: Final = 2**16


def download(folder: Path, locations: Sequence[str] = LOCATIONS, quiet: bool = False) -> None:
    """Fetch whichever of the four official files a folder lacks, each from the first that has it.

    A file appears under its name only when it is whole and its digest is right.

    Raises:
        DataRefused: no location gave a file.
    """
    missing = [name for name in FILES if not _is_there(folder / name)]
    if not missing:
        return
    folder.mkdir(parents=True, exist_ok=True)
    columns = (*Progress.get_default_columns()[:2], DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), disable=quiet) as progress:
        for name in missing:
            _fetch_from_any(folder / name, locations, progress)


def _is_there(path: Path) -> bool:
    return path.is_file() and sha256(path.read_bytes()) == KNOWN["official"][path.name]


def _fetch_from_any(path: Path, locations: Sequence[str], progress: Progress) -> None:
    failures = []
    for location in locations:
        url = f"{location}/{path.name}"
        task = progress.add_task(path.name, total=None)
        try:
            return _store(path, _fetch(url, progress, task))
        except (OSError, HTTPException, ValueError) as error:
            progress.remove_task(task)
            failures.append(f"{url} ({error})")
    raise DataRefused(
        f"{path.name} could not be downloaded from {' nor from '.join(failures)}: try again "
        f"later, or get {', '.join(FILES)} another way and name their folder with --data-dir."
    )


def _fetch(url: str, progress: Progress, task: TaskID) -> bytes:
    data = b""
    with urlopen(url, timeout=TIMEOUT_S) as response:
        progress.update(task, total=response.length)
        while chunk := response.read(CHUNK):
            data += chunk
            progress.update(task, completed=len(data))
            if len(data) > MAX_BYTES:
                raise ValueError(f"it sent more than {MAX_BYTES} bytes")
    return data


def _store(path: Path, data: bytes) -> None:
    """Check the digest, and write beside the target before it gets its name."""
    expected, found = KNOWN["official"][path.name], sha256(data)
    if found != expected:
        raise ValueError(f"it sent {len(data)} bytes with sha256 {found}, not {expected}")
    candidate = path.with_name(f"{path.name}.{os.getpid()}")
    candidate.write_bytes(data)
    os.replace(candidate, path)
