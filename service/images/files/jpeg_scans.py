"""The scans of a JPEG: each goes through the whole picture, whatever its own size."""

import re
from collections.abc import Iterator, Set
from itertools import islice, pairwise
from typing import Final, NamedTuple

from service.errors import UnreadableImage

MOST_SCANS: Final = 64
"""Programs write ten scans, or twelve; each further one costs up to 40 ms at 40 megapixels."""

MOST_MARKERS: Final = 4_096
"""The fullest camera files have some hundreds of pieces."""

MEANS: Final = 8
"""How many times as small a JPEG is where each block of 8×8 pixels has become its mean."""

_START: Final = re.compile(rb"\xff\xda")
_MARKER: Final = re.compile(rb"\xff([\x01-\xcf\xd8-\xfe])", re.DOTALL)
"""With one sign before the choice, for which 5 MB are gone through in 2 ms; after two it is 40."""

_ALONE: Final = frozenset(b"\x01\xd8")
_END: Final = 0xD9
_SCAN: Final = 0xDA
_LEAST: Final = 0xC0
"""No program writes a marker below: within a scan a decoder passes over it, beside one it stops."""


class _Marker(NamedTuple):
    """What a marker stands for, where it starts, and where what it says of itself does."""

    kind: int
    start: int
    content: int


class _Scan(NamedTuple):
    """What a scan holds: of how many components, the first of them, from which number on, how."""

    components: int
    component: int
    first: int
    precisions: int

    @classmethod
    def read(cls, data: bytes, at: int) -> "_Scan":
        """Return what the header says; of several components, or cut short, it says less."""
        components, component, _, first, _, precisions = data[at + 2 : at + 8].ljust(6, b"\0")
        return cls(components, component, first, precisions)

    @property
    def begins(self) -> bool:
        """Return whether it is the first to tell of a component's detail."""
        return self.components == 1 and self.first == 1 and self.precisions >> 4 == 0

    @property
    def refines(self) -> bool:
        """Return whether it tells more of the detail of one component."""
        return self.components == 1 and self.first > 0 and not self.begins


def check_scans(data: bytes) -> None:
    """Refuse a JPEG of more scans than any program writes.

    Raises:
        UnreadableImage: it has more than 64, or so many pieces that they are not counted.
    """
    # The two bytes alone may be a part of something that is no scan, such as a film at the end.
    starts = islice(_START.finditer(data), MOST_SCANS + 1)
    if sum(1 for _ in starts) > MOST_SCANS and _scans(data) > MOST_SCANS:
        raise UnreadableImage(
            f"The JPEG file has more than {MOST_SCANS} scans, which no program writes."
        )


def without_detail(data: bytes, components: Set[int]) -> bytes:
    """Return a progressive JPEG without the scans that are of no use at an eighth of its size.

    There one pixel is left of each block of 8×8, its mean, and detail is what the block's other 63
    numbers tell (ITU-T T.81, G.1.1). `components` are those that are decoded so; a colour that is
    stored at half the size needs its detail, and keeps it. Each component keeps its first scan of
    the first numbers too, for a decoder that knows nothing of them smooths the means. A file that
    is damaged between its scans, or has no end, comes back whole, for the decoder to judge.

    Raises:
        UnreadableImage: it is in more pieces than any real one.
    """
    markers = list(_markers(data))
    if not markers or markers[-1].kind != _END or any(one.kind < _LEAST for one in markers):
        return data
    scans = {one: _Scan.read(data, one.content) for one in markers if one.kind == _SCAN}
    begun = components & {scan.component for scan in scans.values() if scan.begins}
    kept, at = [], 0
    for marker, following in pairwise(markers):
        if marker in scans and scans[marker].refines and scans[marker].component in begun:
            kept.append(data[at : marker.start])
            at = following.start
    return b"".join([*kept, data[at:]])


def _scans(data: bytes) -> int:
    """Count the scans of the first picture, as far as one more than the most."""
    scans = 0
    for marker in _markers(data):
        scans += marker.kind == _SCAN
        if scans > MOST_SCANS:
            break
    return scans


def _markers(data: bytes) -> Iterator[_Marker]:
    """Yield the markers of the first picture, to its end, as a decoder finds them."""
    at = 0
    for _ in range(MOST_MARKERS):
        marker = _MARKER.search(data, at)
        if marker is None:
            return
        at, kind = marker.end(), marker[1][0]
        yield _Marker(kind, marker.start(), at)
        if kind == _END:
            return
        if kind not in _ALONE:
            at += max(2, int.from_bytes(data[at : at + 2], "big"))
    raise UnreadableImage("The JPEG file is in more pieces than any real picture.")
