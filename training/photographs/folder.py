"""Finds photographs in folders named after the classes, or mapped to them by a JSON file."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from service.errors import FashionError
from service.fashion_mnist import CLASS_NAMES

LESS_LIKELY: Final = 0.3
"""Target of an allowed class that also has a folder of its own, where its photographs should lie.

With equal targets a network calls seven of ten long sleeves a T-shirt."""

Target = npt.NDArray[np.float32]


class PhotographsRefused(FashionError):
    """A folder of photographs, or a mapping, that cannot be used; the message says why."""


@dataclass(frozen=True)
class Photograph:
    """A file, the name of its folder, and the target of each class, float32[10].

    If it shows none of the classes, it is out of distribution and every target is 0.
    """

    path: Path
    label: str
    target: Target

    @property
    def is_out_of_distribution(self) -> bool:
        """Return whether it shows none of the ten classes."""
        return not self.target.any()


@dataclass(frozen=True)
class FoundPhotographs:
    """The photographs of a folder, and why some of its sub-folders were left out, by name."""

    photographs: tuple[Photograph, ...]
    left_out: Mapping[str, str]


def find_photographs(folder: Path, mapping: Path | None = None) -> FoundPhotographs:
    """Return the files in the sub-folders of a folder, sorted by name.

    Sub-folders are named after classes, in any case and with any separators, such as `t-shirt-top`
    or `Ankle boot`. A mapping replaces these names: a JSON object of folder names, each with a list
    of class indexes, an empty list if it shows none of them, or null to leave the folder out.

    Raises:
        PhotographsRefused: there is no such folder, it holds no photograph of any class, or the
            mapping cannot be read.
    """
    if not folder.is_dir():
        raise PhotographsRefused(f"--extra-data {folder} is not a folder.")
    classes = _read_mapping(mapping) if mapping else _named_classes()
    names = sorted(path.name for path in folder.iterdir() if path.is_dir())
    used = {name: classes[key] for name in names if (key := _key(name, mapping)) in classes}
    targets = {name: _target(chosen, used) for name, chosen in used.items() if chosen is not None}
    left_out = {name: _why(name, used) for name in names if name not in targets}
    photographs = tuple(_photographs(folder, targets))
    if all(one.is_out_of_distribution for one in photographs):
        raise PhotographsRefused(
            f"{folder} holds no photograph of the ten classes: name its sub-folders after them, "
            f"such as {', '.join(map(_plain, CLASS_NAMES[:3]))}, or give --extra-mapping."
        )
    return FoundPhotographs(photographs, left_out)


def _photographs(folder: Path, targets: Mapping[str, Target]) -> Iterator[Photograph]:
    for name, target in targets.items():
        for path in sorted((folder / name).iterdir()):
            if path.is_file():
                yield Photograph(path, name, target)


def _read_mapping(file: Path) -> dict[str, list[int] | None]:
    try:
        mapping = json.loads(file.read_text())
    except (OSError, ValueError) as error:
        raise PhotographsRefused(f"--extra-mapping {file} cannot be read: {error}.") from error
    if not isinstance(mapping, dict) or not all(map(_is_choice, mapping.values())):
        raise PhotographsRefused(
            f"--extra-mapping {file} must be an object of folder names, each with a list of class "
            "indexes from 0 to 9, or null."
        )
    return mapping


def _is_choice(value: Any) -> bool:
    if value is None:
        return True
    return isinstance(value, list) and all(
        type(index) is int and 0 <= index < len(CLASS_NAMES) for index in value
    )


def _named_classes() -> dict[str, list[int] | None]:
    return {_plain(name): [index] for index, name in enumerate(CLASS_NAMES)}


def _key(name: str, mapping: Path | None) -> str:
    return name if mapping else _plain(name)


def _plain(name: str) -> str:
    """Return a name in the form of a folder: "T-shirt/top" is "t-shirt-top"."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def _target(indexes: list[int], used: Mapping[str, list[int] | None]) -> Target:
    """Return the target of each class for a folder; the highest is 1."""
    target = np.zeros(len(CLASS_NAMES), np.float32)
    own_folders = {one[0] for one in used.values() if one is not None and len(one) == 1}
    for index in indexes:
        target[index] = LESS_LIKELY if len(indexes) > 1 and index in own_folders else 1
    return target / target.max() if target.any() else target


def _why(name: str, used: Mapping[str, list[int] | None]) -> str:
    return "the mapping says so" if name in used else "no class has this name"
