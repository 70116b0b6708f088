"""What an HDF5 file may be made of: looked at from the outside, before any of it is read.

Keras writes plain groups, whole arrays of numbers and short attributes. HDF5 can do more: point
at other files, at data that was never stored, at itself, and unpack a thousand times what is there.
"""

from typing import Any, Final
from uuid import uuid4

import h5py
from h5py import h5a, h5d, h5g, h5l, h5o, h5t, h5z

from service.errors import ModelRefused
from service.model_file.source import MAX_BYTES

MAX_OBJECTS: Final = 10_000
"""Groups and arrays; a network of 1,000 layers with its optimizer's state has 8,000."""

MAX_DEPTH: Final = 20
"""Groups within groups; Keras nests one for each network within a network, and four more."""

MAX_DECLARED: Final = MAX_BYTES
"""Bytes of all arrays unpacked: no more than an unpacked file may have."""

MAX_ATTRIBUTE: Final = 4 * 2**20
"""Bytes of one attribute; the longest are lists of a few thousand names."""

MAX_ATTRIBUTES: Final = 1_000
"""Of one object. Long lists of names are cut into several."""

FILTERS: Final = frozenset({h5z.FILTER_DEFLATE, h5z.FILTER_SHUFFLE, h5z.FILTER_FLETCHER32})

NUMBERS: Final = frozenset({h5t.INTEGER, h5t.FLOAT})


def open_container(data: bytes) -> h5py.File:
    """Return the bytes of an HDF5 file as one that can be read, and only if it is a simple one.

    It lies in memory alone, so it has no folder to look for other files in.

    Raises:
        ModelRefused: it holds what Keras never writes.
        OSError: it is damaged.
    """
    access = h5py.h5p.create(h5py.h5p.FILE_ACCESS)
    access.set_fapl_core(backing_store=False)
    access.set_file_image(data)
    name = uuid4().hex.encode()  # of two files in memory, HDF5 takes one for the other by its name
    file = h5py.File(h5py.h5f.open(name, h5py.h5f.ACC_RDONLY, fapl=access))
    try:
        if file.userblock_size:
            raise ModelRefused("it has something else before its HDF5 content")
        _Walk().group(file.id, depth=0)
    except BaseException:
        file.close()
        raise
    return file


class _Walk:
    """Goes through all objects of a file once, and adds up what it finds."""

    def __init__(self) -> None:
        self._seen: set[Any] = set()
        self._declared = 0

    def group(self, group: Any, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise ModelRefused(f"its groups are more than {MAX_DEPTH} deep")
        if depth == 0:
            group = h5g.open(group, b"/")
        self._count(group)
        for name in group:
            self._child(group, name, depth)

    def _child(self, group: Any, name: bytes, depth: int) -> None:
        if group.links.get_info(name).type != h5l.TYPE_HARD:
            raise ModelRefused(f"{_shown(name)} is a link to something else, which it must hold")
        child = h5o.open(group, name)
        if isinstance(child, h5g.GroupID):
            self.group(child, depth + 1)
        elif isinstance(child, h5d.DatasetID):
            self._count(child)
            self._array(name, child)
        else:
            raise ModelRefused(f"{_shown(name)} is neither a group nor an array")

    def _count(self, item: Any) -> None:
        info = h5o.get_info(item)
        if (info.fileno, info.addr) in self._seen:
            raise ModelRefused("it holds one object under two names")
        self._seen.add((info.fileno, info.addr))
        if len(self._seen) > MAX_OBJECTS:
            raise ModelRefused(f"it holds more than {MAX_OBJECTS} objects")
        count = h5a.get_num_attrs(item)
        if count > MAX_ATTRIBUTES:
            raise ModelRefused(f"an object of it has more than {MAX_ATTRIBUTES} attributes")
        for index in range(count):
            _check_attribute(h5a.open(item, index=index))

    def _array(self, name: bytes, array: Any) -> None:
        kind, space = array.get_type(), array.get_space()
        if kind.get_class() not in NUMBERS or kind.get_size() > 8:
            raise ModelRefused(f"{_shown(name)} holds something else than numbers")
        _check_storage(name, array)
        declared = space.get_simple_extent_npoints() * kind.get_size()
        self._declared += declared
        if self._declared > MAX_DECLARED:
            raise ModelRefused(f"its arrays take more than {MAX_DECLARED} bytes, unpacked")
        if not array.get_create_plist().get_nfilters() and array.get_storage_size() < declared:
            raise ModelRefused(f"{_shown(name)} says it has {declared} bytes, but they are missing")


def _check_storage(name: bytes, array: Any) -> None:
    """Numbers must lie in the file itself, packed in ways that every HDF5 knows."""
    made = array.get_create_plist()
    if made.get_layout() not in (h5d.COMPACT, h5d.CONTIGUOUS, h5d.CHUNKED):
        raise ModelRefused(f"{_shown(name)} is put together from other arrays")
    if made.get_external_count():
        raise ModelRefused(f"the numbers of {_shown(name)} lie in another file")
    for index in range(made.get_nfilters()):
        if made.get_filter(index)[0] not in FILTERS:
            raise ModelRefused(f"{_shown(name)} is packed in an unknown way")


def _check_attribute(attribute: Any) -> None:
    kind, name = attribute.get_type(), attribute.name
    if kind.get_class() not in NUMBERS | {h5t.STRING}:
        raise ModelRefused(f"its attribute {_shown(name)} is neither text nor numbers")
    if attribute.get_space().get_simple_extent_npoints() * kind.get_size() > MAX_ATTRIBUTE:
        raise ModelRefused(f"its attribute {_shown(name)} is larger than {MAX_ATTRIBUTE} bytes")


def _shown(name: bytes) -> str:
    """Return a name as a sentence may quote it, for the file may call things what it likes."""
    return ascii(name.decode(errors="replace")[:80])
