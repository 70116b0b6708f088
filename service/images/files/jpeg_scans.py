"""A bound on the scans of a JPEG, each of which is decoded over the whole picture."""

import re
from itertools import islice
from typing import Final

from service.errors import UnreadableImage

MAX_SCANS: Final = 64
"""Programs write up to twelve scans; each further one costs up to 40 ms at 40 megapixels."""

MAX_MARKERS: Final = 4_096
"""Markers of a JPEG. Real camera files have a few hundred."""

_SCAN_MARKER: Final = re.compile(rb"\xff\xda")
_MARKER: Final = re.compile(rb"\xff([\x01-\xcf\xd8-\xfe])", re.DOTALL)
"""Any marker but a restart. This form scans 5 MB in 2 ms; with a second fixed byte it takes 40."""

_WITHOUT_LENGTH: Final = frozenset(b"\x01\xd8")
_END: Final = 0xD9
_SCAN: Final = 0xDA


def check_scans(data: bytes) -> None:
    """Refuse a JPEG with too many scans.

    Raises:
        UnreadableImage: it has more than 64 scans, or more than 4,096 markers.
    """
    # The scan marker's bytes also occur elsewhere, for example in a video behind the picture.
    candidates = islice(_SCAN_MARKER.finditer(data), MAX_SCANS + 1)
    if sum(1 for _ in candidates) > MAX_SCANS and _count_scans(data) > MAX_SCANS:
        raise UnreadableImage(
            f"The JPEG file has more than {MAX_SCANS} scans, which no program writes."
        )


def _count_scans(data: bytes) -> int:
    """Count the scans of the first picture, up to one above the bound."""
    at = scans = 0
    for _ in range(MAX_MARKERS):
        marker = _MARKER.search(data, at)
        if marker is None or marker[1][0] == _END or scans > MAX_SCANS:
            return scans
        at, kind = marker.end(), marker[1][0]
        scans += kind == _SCAN
        if kind not in _WITHOUT_LENGTH:
            at += max(2, int.from_bytes(data[at : at + 2], "big"))
    raise UnreadableImage("The JPEG file is in more pieces than any real picture.")
