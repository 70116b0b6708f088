"""The scans of a JPEG: each goes through the whole picture, whatever its own size."""

import re
from collections.abc import Iterator, Set
from itertools import islice, pairwise
from typing import Final, NamedTuple

from service.errors import UnreadableImage

MOST_SCANS: Final = 64
"""Programs write ten scans, or twelve; each further one costs up to 40 ms at 40 megapixels."""

MOST_MARKERS: Final = 4_096
"""As many pieces as a header may have; the fullest camera files have some hundreds."""

MEANS: Final = 8
"""How many times as small a JPEG is where each block of 8×8 pixels has become its mean."""

_START: Final = re.compile(rb"\xff\xda")
_MARKER: Final = re.compile(rb"\xff([\x01-\xcf\xd8-\xfe])", re.DOTALL)
"""With one sign before the choice, for which 5 MB are gone through in 2 ms; after two it is 40."""

_ALONE: Final = frozenset(b"\x01\xd8")
_END: Final = 0xD9
_SCAN: Final = 0xDA


class _Marker(NamedTuple):
    """What a marker stands for, where it starts, and where what it says of itself does."""

    kind: int
    start: int
    content: int


def check_scans(data: bytes) -> None:
    """Refuse a JPEG of more scans than any program writes.

    Raises:
        UnreadableImage: it has more than 64, or is in more pieces than any real one.
    """
    # The two bytes alone may be a part of something that is no scan, such as a film at the end.
    starts = islice(_START.finditer(data), MOST_SCANS + 1)
    if sum(1 for _ in starts) > MOST_SCANS and _scans(data) > MOST_SCANS:
        raise UnreadableImage(
            f"The JPEG file has more than {MOST_SCANS} scans, which no program writes. "
            "Open it in a picture program, save it as PNG or JPEG, and send that."
        )


def without_detail(data: bytes, components: Set[int]) -> bytes:
    """Return a progressive JPEG without the scans that are of no use at an eighth of its size.

    There one pixel is left of each block of 8×8, its mean, and detail is what the block's other 63
    numbers tell (ITU-T T.81, G.1.1). `components` are those of as many pixels as the picture has:
    what is sampled more thinly is made small by less, and keeps its detail. So do the first numbers
    of all, in their first precision: where a decoder knows nothing of them, it smooths the means.
    A file without an end comes back whole, for the decoder to refuse.
    """
    markers = list(_markers(data))
    if not markers or markers[-1].kind != _END:
        return data
    kept, at = [], 0
    for marker, following in pairwise(markers):
        if marker.kind == _SCAN and _is_detail(data, marker.content, components):
            kept.append(data[at : marker.start])
            at = following.start
    return b"".join([*kept, data[at:]])


def _is_detail(data: bytes, at: int, components: Set[int]) -> bool:
    """Tell by its header whether a scan has detail of one of the components, the first aside."""
    header = data[at + 2 : at + 8].ljust(6, b"\0")
    count, component, _, first, _, precisions = header
    is_refined = precisions >> 4 > 0
    return count == 1 and component in components and (first > 1 or (first == 1 and is_refined))


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
    raise UnreadableImage(
        "The JPEG file is in more pieces than any real picture. "
        "Open it in a picture program, save it as PNG or JPEG, and send that."
    )
