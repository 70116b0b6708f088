"""A model file: an HDF5 file that Keras opens anywhere, plus a group that Keras ignores.

The group holds facts as JSON, golden examples (pictures and Keras's outputs for them), and the
compiled inference graph with the digest of the weights it was exported from. HDF5 attributes are
limited to 64 KB, so everything larger is a dataset.

A damaged file can crash h5py. So the service reads files only in the examiner's child process,
after `service.model_file.hdf5_rules` has checked their structure.
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
from service.model_file.layer_rules import MAX_WEIGHTS, parse_config

GROUP: Final = "fashion_mnist_serving"
WEIGHTS: Final = "model_weights"
CONFIG: Final = "model_config"
SCORES: Final = "golden_strangeness"
"""The out-of-distribution scores of the golden examples. Files keep their first name."""


@dataclass(frozen=True)
class Golden:
    """Pictures uint8[n, 28, 28], and Keras's outputs for them.

    `outputs` is float32[n, 10 or more]: probabilities, then out-of-distribution scores.
    """

    pixels: Pixels
    outputs: Rows


@dataclass(frozen=True)
class Parts:
    """The content of our group; the graph was made from weights with this digest."""

    facts: Facts
    golden: Golden
    graph: bytes
    weights_digest: str


def add_parts(path: Path, facts: Facts, golden: Golden, graph: bytes) -> None:
    """Write our group into a file that Keras has saved, or replace it there."""
    with h5py.File(path, "r+") as file:
        file.pop(GROUP, None)
        group = file.create_group(GROUP)
        group["facts"] = np.frombuffer(facts.model_dump_json().encode(), np.uint8)
        group["golden_pixels"] = golden.pixels
        group["golden_probabilities"] = golden.outputs[:, :CLASSES]
        if golden.outputs.shape[1] > CLASSES:
            group[SCORES] = golden.outputs[:, CLASSES:]
        group["graph"] = np.frombuffer(graph, np.uint8)
        group.attrs["weights_digest"] = _digest(_weights(file))


def read_parts(file: h5py.File) -> Parts | None:
    """Return the content of our group, or None for a plain Keras file.

    Raises:
        ModelRefused: the group is incomplete or damaged.
    """
    if GROUP not in file:
        return None
    group = file[GROUP]
    try:
        outputs = group["golden_probabilities"][()]
        if SCORES in group:
            outputs = np.concatenate([outputs, group[SCORES][()]], axis=1)
        return Parts(
            facts=Facts.model_validate_json(group["facts"][()].tobytes()),
            golden=Golden(group["golden_pixels"][()], outputs),
            graph=group["graph"][()].tobytes(),
            weights_digest=str(group.attrs["weights_digest"]),
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        reason = " ".join(str(error).split())[:300]  # may be many lines, and quote the file
        raise ModelRefused(f"it is incomplete or damaged: {reason!a}") from error


def weights_digest(file: h5py.File) -> str:
    """Return the sha256 over names, types, shapes and values of all weights.

    Raises:
        ModelRefused: there are no weights, too many, or some that are not finite.
    """
    if WEIGHTS not in file:
        raise ModelRefused("it is not a Keras model: it has no weights")
    weights = _weights(file)
    if (count := sum(array.size for array in weights.values())) > MAX_WEIGHTS:
        raise ModelRefused(f"it has {count} weights, and at most {MAX_WEIGHTS} are allowed")
    for name, array in weights.items():
        if not np.isfinite(array[()]).all():
            raise ModelRefused(f"it has weights that are not finite numbers, in {name}")
    return _digest(weights)


def read_config(file: h5py.File) -> dict[str, Any]:
    """Return the Keras config of the network, if it consists of allowed layers only.

    Raises:
        ModelRefused: the file holds only weights, or a network that is not allowed.
    """
    config = file.attrs.get(CONFIG)
    if not isinstance(config, str | bytes):
        raise ModelRefused("it holds no architecture: save the whole model with model.save()")
    return parse_config(config)


def _weights(file: h5py.File) -> dict[str, h5py.Dataset]:
    """Return all arrays in the weights group, sorted by name."""
    found: dict[str, h5py.Dataset] = {}
    file[WEIGHTS].visititems(
        lambda name, item: found.update({name: item}) if isinstance(item, h5py.Dataset) else None
    )
    return dict(sorted(found.items()))


def _digest(weights: dict[str, h5py.Dataset]) -> str:
    digest = hashlib.sha256()
    for name, array in weights.items():
        value = array[()]
        digest.update(f"{name} {value.dtype.str} {value.shape}\n".encode())
        digest.update(np.ascontiguousarray(value).tobytes())
    return digest.hexdigest()
