"""How often a JPEG has to be gone through: a few bytes for each time, whatever its size."""

import re
from typing import Final

from service.errors import UnreadableImage

MOST_SCANS: Final = 64
"""Programs write ten scans, or twelve; each further one costs up to 40 ms at 40 megapixels."""

_START: Final = b"\xff\xda"
_MARKER: Final = re.compile(rb"\xff+([\x01-\xcf\xd8-\xfe])", re.DOTALL)
_ALONE: Final = frozenset(b"\x01\xd8")
_END: Final = 0xD9
_SCAN: Final = 0xDA


def check_scans(data: bytes) -> None:
    """Refuse a JPEG of more scans than any program writes.

    Raises:
        UnreadableImage: it has more than 64.
    """
    # The two bytes alone may be a part of something that is no scan, such as a film at the end.
    if data.count(_START) > MOST_SCANS and _scans(data) > MOST_SCANS:
        raise UnreadableImage(
            f"The JPEG file has more than {MOST_SCANS} scans, which no program writes. "
            "Open it in a picture program, save it as PNG or JPEG, and send that."
        )


def _scans(data: bytes) -> int:
    """Count the scans of the first picture, marker by marker as a decoder finds them."""
    scans, at = 0, 0
    while scans <= MOST_SCANS and (marker := _MARKER.search(data, at)):
        at, kind = marker.end(), marker[1][0]
        if kind == _END:
            break
        scans += kind == _SCAN
        if kind not in _ALONE:
            at += max(2, int.from_bytes(data[at : at + 2], "big"))
    return scans
