"""What a model file is: one HDF5 file that Keras opens anywhere, with a group of ours beside.

Keras ignores the group. It holds facts as JSON, golden examples (pictures and the answers that
Keras computed for them), and the compiled inference graph with the digest of the weights it was
exported from. HDF5 attributes end at 64 KB, so everything larger is a dataset.

A damaged file can crash h5py, so the service runs this in a child process alone
(`service.model_file.examiner`), on a file that `service.model_file.hdf5_rules` has looked through.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import h5py
import numpy as np

from service.errors import ModelRefused
from service.fashion_mnist import Pixels, Rows
from service.model.confidence import CLASSES
from service.model.facts import Facts
from service.model_file.layer_rules import MAX_PARAMETERS, read_description

GROUP: Final = "fashion_mnist_serving"
WEIGHTS: Final = "model_weights"
CONFIG: Final = "model_config"


@dataclass(frozen=True)
class Golden:
    """Pictures uint8[n, 28, 28], and what Keras answered for them.

    `answers` is float32[n, 10 or more]: probabilities, and then the strangeness by route.
    """

    pixels: Pixels
    answers: Rows


@dataclass(frozen=True)
class Parts:
    """What our group in a model file holds; `weights_digest` is of the weights it was made from."""

    facts: Facts
    golden: Golden
    graph: bytes
    weights_digest: str


def add_parts(path: Path, facts: Facts, golden: Golden, graph: bytes) -> None:
    """Write our group into a file that Keras has saved, in place of one that is there."""
    with h5py.File(path, "r+") as file:
        file.pop(GROUP, None)
        group = file.create_group(GROUP)
        group["facts"] = np.frombuffer(facts.model_dump_json().encode(), np.uint8)
        group["golden_pixels"] = golden.pixels
        group["golden_probabilities"] = golden.answers[:, :CLASSES]
        if golden.answers.shape[1] > CLASSES:
            group["golden_strangeness"] = golden.answers[:, CLASSES:]
        group["graph"] = np.frombuffer(graph, np.uint8)
        group.attrs["weights_digest"] = _digest(file)


def read_parts(file: h5py.File) -> Parts | None:
    """Return our group, or None for a plain Keras file.

    Raises:
        ModelRefused: the group lacks something or holds what does not belong there.
    """
    if GROUP not in file:
        return None
    group = file[GROUP]
    try:
        return Parts(
            facts=Facts.model_validate_json(group["facts"][()].tobytes()),
            golden=Golden(group["golden_pixels"][()], _golden_answers(group)),
            graph=group["graph"][()].tobytes(),
            weights_digest=str(group.attrs["weights_digest"]),
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        reason = " ".join(str(error).split())[:300]  # several lines, with values of the file
        raise ModelRefused(f"it is incomplete or damaged: {reason!a}") from error


def _golden_answers(group: h5py.Group) -> Rows:
    probabilities: Rows = group["golden_probabilities"][()]
    if "golden_strangeness" not in group:
        return probabilities
    return np.concatenate([probabilities, group["golden_strangeness"][()]], axis=1)


def weights_digest(file: h5py.File) -> str:
    """Return the sha256 over names, types, shapes and values of all weights in the file.

    Raises:
        ModelRefused: there are no weights, or too many, or one is not a finite number.
    """
    if WEIGHTS not in file:
        raise ModelRefused("it is not a Keras model: it has no weights")
    arrays = _arrays(file)
    if (count := sum(array.size for _, array in arrays)) > MAX_PARAMETERS:
        raise ModelRefused(f"it has {count} weights, and at most {MAX_PARAMETERS} are allowed")
    for name, array in arrays:
        if not np.isfinite(array[()]).all():
            raise ModelRefused(f"it has weights that are not finite numbers, in {name}")
    return _digest(file)


def read_config(file: h5py.File) -> dict[str, Any]:
    """Return the architecture as Keras wrote it, made of allowed layers alone.

    Raises:
        ModelRefused: the file holds weights alone, or an architecture that is not allowed.
    """
    text = file.attrs.get(CONFIG)
    if not isinstance(text, str | bytes):
        raise ModelRefused("it holds no architecture: save the whole model with model.save()")
    return read_description(text)


def _arrays(file: h5py.File) -> list[tuple[str, h5py.Dataset]]:
    """Return every array below the weights group, by name in a fixed order."""
    found: dict[str, h5py.Dataset] = {}
    file[WEIGHTS].visititems(
        lambda name, item: found.update({name: item}) if isinstance(item, h5py.Dataset) else None
    )
    return sorted(found.items())


def _digest(file: h5py.File) -> str:
    digest = hashlib.sha256()
    for name, array in _arrays(file):
        value = array[()]
        digest.update(f"{name} {value.dtype.str} {value.shape}\n".encode())
        digest.update(np.ascontiguousarray(value).tobytes())
    return digest.hexdigest()
