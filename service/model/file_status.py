"""What became of the file at the model's path; loads nothing, so the supervisor can use it."""

from typing import NamedTuple


class FileStatus(NamedTuple):
    """The outcome of the last examination: `reason` is None if the file is the one served.

    `digest` is the sha256 of a refused file, if it could be read. `refusals` counts the files
    refused since the start.
    """

    digest: str | None = None
    reason: str | None = None
    refusals: int = 0
