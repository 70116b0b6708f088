"""The four files of a data set in the IDX format: identified by sha256, checked and read."""

import gzip
import hashlib
import struct
import zlib
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from service.errors import FashionError

FILES: Final = (
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
)
"""The names of the four files, the same in every set."""

_DIGESTS: Final = {
    "official": (
        "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
        "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
        "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
        "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
    ),
    "sample": (
        "310f57242b5724a123dcdaa45cc48c2d896acb1c5d8efe2e8f94362f00e63284",
        "b0fb72b1acd20e0f8a6e57a8f779f8c08c9d834d62ef50656a439bb8f0144eda",
        "54d129cc094c51d0496db5197d51ebc9ecc94cc743220d1d4077c752869991ca",
        "dbcee292a255fe70d571317bf37c89b845f3177427c61a23f68e4230b262a846",
    ),
}

KNOWN: Final = {name: dict(zip(FILES, one, strict=True)) for name, one in _DIGESTS.items()}
"""The sha256 of each file, by data set and file name."""

Array = npt.NDArray[np.uint8]


class DataRefused(FashionError):
    """Unusable data; the message names the file, what was expected and what to do."""


def read_folder(folder: Path) -> tuple[str, dict[str, Array]]:
    """Return the name of the data set in a folder, and its four uint8 arrays by file name.

    Raises:
        DataRefused: a file is missing, damaged or unknown, or the files are of different sets.
    """
    if not folder.is_dir():
        what = "is a file, not a folder" if folder.exists() else "does not exist"
        raise DataRefused(f"The data folder {folder} {what}: name one that holds {_names()}.")
    contents = {name: _read(folder / name) for name in FILES}
    digests = {name: sha256(data) for name, data in contents.items()}
    for known, expected in KNOWN.items():
        if digests == expected:
            return known, {name: _parse(data) for name, data in contents.items()}
    name = next((name for name in FILES if not _is_known(name, digests[name])), None)
    if name is None:
        raise DataRefused(f"The files in {folder} are of different data sets: keep one set there.")
    raise DataRefused(_what_is_wrong(folder / name, contents[name]))


def sha256(data: bytes) -> str:
    """Return the sha256 in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def _names() -> str:
    return ", ".join(FILES)


def _read(path: Path) -> bytes:
    if not path.is_file():
        raise DataRefused(
            f"{path} is missing: the folder must hold {_names()}. Leave out --data-dir and "
            "FASHION_DATA_DIR to have them downloaded."
        )
    return path.read_bytes()


def _is_known(name: str, digest: str) -> bool:
    return any(files[name] == digest for files in KNOWN.values())


def _parse(data: bytes) -> Array:
    """Read an IDX file whose sha256 is known, so its content needs no further check."""
    content = gzip.decompress(data)
    axes = content[3]
    shape = struct.unpack_from(f">{axes}I", content, 4)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * axes).reshape(shape)


def _what_is_wrong(path: Path, data: bytes) -> str:
    expected = KNOWN["official"][path.name]
    return (
        f"{path} {_symptom(path.name, data)}; the official file has the sha256 {expected}: put "
        "it there, or leave out --data-dir and FASHION_DATA_DIR to have it downloaded."
    )


def _symptom(name: str, data: bytes) -> str:
    if not data:
        return "is empty"
    try:
        content = gzip.decompress(data)
    except EOFError:
        return "is cut short"
    except (OSError, zlib.error, struct.error):
        return "is not a whole gzip file"
    wanted, other = ("pictures", "labels") if "images" in name else ("labels", "pictures")
    found = {b"\0\0\x08\x03": "pictures", b"\0\0\x08\x01": "labels"}.get(content[:4])
    if found == other:
        return f"holds {other} where {wanted} are expected"
    return f"does not hold the {wanted} of a known data set"
