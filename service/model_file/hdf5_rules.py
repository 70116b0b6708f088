"""What an HDF5 file may consist of, checked from its metadata before any data is read.

Keras writes plain groups, arrays of numbers and short attributes. HDF5 can do more: refer to other
files, to data that was never stored, or to itself, and compress data a thousandfold.
"""

from typing import Any, Final
from uuid import uuid4

import h5py
from h5py import h5a, h5d, h5g, h5l, h5o, h5t, h5z

from service.errors import ModelRefused
from service.model_file.source import MAX_FILE_BYTES

MAX_OBJECTS: Final = 10_000
"""Groups and arrays; a network of 1,000 layers with its optimizer's state has 8,000."""

MAX_GROUP_DEPTH: Final = 20
"""Keras nests one group for each network within a network, and four more."""

MAX_UNPACKED_BYTES: Final = MAX_FILE_BYTES
"""All arrays, decompressed: no more than an uncompressed file may have."""

MAX_ATTRIBUTE_BYTES: Final = 4 * 2**20
"""The longest attributes are lists of a few thousand names."""

MAX_ATTRIBUTES: Final = 1_000
"""For each object; Keras splits long lists of names into several attributes."""

FILTERS: Final = frozenset({h5z.FILTER_DEFLATE, h5z.FILTER_SHUFFLE, h5z.FILTER_FLETCHER32})

NUMBERS: Final = frozenset({h5t.INTEGER, h5t.FLOAT})


def open_hdf5(data: bytes) -> h5py.File:
    """Open the bytes of an HDF5 file that has only what Keras writes.

    The file stays in memory, so it has no folder in which to look for other files.

    Raises:
        ModelRefused: it contains something else.
        OSError: it is damaged.
    """
    access = h5py.h5p.create(h5py.h5p.FILE_ACCESS)
    access.set_fapl_core(backing_store=False)
    access.set_file_image(data)
    name = uuid4().hex.encode()  # HDF5 identifies files in memory by name
    file = h5py.File(h5py.h5f.open(name, h5py.h5f.ACC_RDONLY, fapl=access))
    try:
        if file.userblock_size:
            raise ModelRefused("it has other content before its HDF5 content")
        _Walk().check_group(h5g.open(file.id, b"/"), depth=0)
    except BaseException:
        file.close()
        raise
    return file


class _Walk:
    """Visits each object of a file once, and counts objects and bytes."""

    def __init__(self) -> None:
        self._seen: set[Any] = set()
        self._unpacked_bytes = 0

    def check_group(self, group: Any, depth: int) -> None:
        if depth > MAX_GROUP_DEPTH:
            raise ModelRefused(f"its groups are more than {MAX_GROUP_DEPTH} deep")
        self._check_object(group)
        for name in group:
            self._check_child(group, name, depth)

    def _check_child(self, group: Any, name: bytes, depth: int) -> None:
        if group.links.get_info(name).type != h5l.TYPE_HARD:
            raise ModelRefused(f"{_quoted(name)} is a link, which is not allowed")
        child = h5o.open(group, name)
        if isinstance(child, h5g.GroupID):
            self.check_group(child, depth + 1)
        elif isinstance(child, h5d.DatasetID):
            self._check_object(child)
            self._check_array(name, child)
        else:
            raise ModelRefused(f"{_quoted(name)} is neither a group nor an array")

    def _check_object(self, item: Any) -> None:
        info = h5o.get_info(item)
        if (info.fileno, info.addr) in self._seen:
            raise ModelRefused("it holds one object under two names")
        self._seen.add((info.fileno, info.addr))
        if len(self._seen) > MAX_OBJECTS:
            raise ModelRefused(f"it holds more than {MAX_OBJECTS} objects")
        count = h5a.get_num_attrs(item)
        if count > MAX_ATTRIBUTES:
            raise ModelRefused(f"one of its objects has more than {MAX_ATTRIBUTES} attributes")
        for index in range(count):
            _check_attribute(h5a.open(item, index=index))

    def _check_array(self, name: bytes, array: Any) -> None:
        kind, filtered = array.get_type(), array.get_create_plist().get_nfilters()
        if kind.get_class() not in NUMBERS or kind.get_size() > 8:
            raise ModelRefused(f"{_quoted(name)} holds data other than numbers")
        _check_storage(name, array.get_create_plist())
        size = array.get_space().get_simple_extent_npoints() * kind.get_size()
        self._unpacked_bytes += size
        if self._unpacked_bytes > MAX_UNPACKED_BYTES:
            raise ModelRefused(f"its arrays take more than {MAX_UNPACKED_BYTES} bytes, unpacked")
        if not filtered and array.get_storage_size() < size:
            raise ModelRefused(f"{_quoted(name)} declares {size} bytes, but stores fewer")


def _check_storage(name: bytes, creation: Any) -> None:
    """Require that an array lies in the file itself, under filters that every HDF5 build has."""
    if creation.get_layout() not in (h5d.COMPACT, h5d.CONTIGUOUS, h5d.CHUNKED):
        raise ModelRefused(f"{_quoted(name)} is composed of other arrays")
    if creation.get_external_count():
        raise ModelRefused(f"{_quoted(name)} stores its numbers in another file")
    for index in range(creation.get_nfilters()):
        if creation.get_filter(index)[0] not in FILTERS:
            raise ModelRefused(f"{_quoted(name)} is compressed in a way that is not allowed")


def _check_attribute(attribute: Any) -> None:
    kind, name = attribute.get_type(), attribute.name
    if kind.get_class() not in NUMBERS | {h5t.STRING}:
        raise ModelRefused(f"its attribute {_quoted(name)} is neither text nor numbers")
    if attribute.get_space().get_simple_extent_npoints() * kind.get_size() > MAX_ATTRIBUTE_BYTES:
        raise ModelRefused(
            f"its attribute {_quoted(name)} is larger than {MAX_ATTRIBUTE_BYTES} bytes"
        )


def _quoted(name: bytes) -> str:
    """Return a name in printable ASCII, at most 80 characters: the file chooses its names."""
    return ascii(name.decode(errors="replace")[:80])
