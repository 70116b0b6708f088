"""The checks that a model file passes before it may serve; runs in the examiner's child alone."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Final

from service.errors import ModelRefused
from service.fashion import CLASS_NAMES, SCALING, SIDE, to_rows
from service.model import file
from service.model.agreement import SIZES, check_agreement, check_probabilities
from service.model.classifier import CLASSES, Classifier
from service.model.examined import ExaminedModel
from service.model.facts import Facts
from service.model.file import Golden, Parts

MAGIC: Final = b"\x89HDF\r\n\x1a\n"

MAX_BYTES: Final = 256 * 2**20
"""A classifier of 28×28 pictures has a few megabytes; a file this large is something else."""


def inspect(path: Path, before_keras: Callable[[], None]) -> ExaminedModel:
    """Return what a server needs of a model file that may serve.

    `before_keras` is called before TensorFlow is imported, which only a plain Keras file needs.

    Raises:
        ModelRefused: the sentence says what is wrong.
    """
    digest = _digest(path)
    weights = file.weights_digest(path)
    parts = file.read_parts(path)
    if parts is None:
        before_keras()
        model = _open_plain(path, digest)
    else:
        _check_parts(parts, weights)
        model = ExaminedModel(parts.facts, parts.graph, digest)
    if _digest(path) != digest:
        raise ModelRefused("it changed while it was read: try again when it is written")
    return model


def _digest(path: Path) -> str:
    """Return the sha256 of the file, which must be a regular HDF5 file of a sensible size."""
    if not path.exists():
        raise ModelRefused(
            "there is no such file: train one with `fashion-train train`, or name another with "
            "FASHION_MODEL_PATH"
        )
    if not path.is_file():
        raise ModelRefused("it is not a regular file: name the model file itself")
    if path.stat().st_size > MAX_BYTES:
        raise ModelRefused(f"it is larger than {MAX_BYTES} bytes, which no model here is")
    data = path.read_bytes()
    if not data.startswith(MAGIC):
        raise ModelRefused("it is not an HDF5 file: save the model as .h5")
    return hashlib.sha256(data).hexdigest()


def _check_parts(parts: Parts, weights: str) -> None:
    if parts.facts.class_names != CLASS_NAMES or parts.facts.scaling != SCALING:
        raise ModelRefused("it was made for other classes or another scaling of pixels")
    if parts.weights_digest != weights:
        raise ModelRefused(
            "its weights are not those that its graph was compiled from: make it anew with "
            "`fashion-train convert`"
        )
    _check_golden(parts.golden, Classifier(parts.graph))


def _check_golden(golden: Golden, classifier: Classifier) -> None:
    count = len(golden.pixels)
    if not count or golden.pixels.shape != (count, SIDE, SIDE):
        raise ModelRefused("it has no golden examples")
    if golden.probabilities.shape != (count, CLASSES):
        raise ModelRefused("its golden examples have no answers")
    check_probabilities(golden.probabilities)
    check_agreement(classifier, to_rows(golden.pixels), golden.probabilities)


def _open_plain(path: Path, digest: str) -> ExaminedModel:
    """Let Keras load and export a file that only Keras wrote."""
    file.read_config(path)
    try:
        from service.model import export
    except ModuleNotFoundError as error:
        raise ModelRefused(
            "it is a plain Keras file, and opening one needs TensorFlow: "
            "`pip install 'fashion-mnist-serving[keras]'`, or make a servable file of it where "
            "TensorFlow is, with `fashion-train convert`"
        ) from error
    model = export.load(path)
    graph = export.compile_graph(model)
    warning = (
        f"{path} is a plain Keras file. Its graph was compiled at the start and agrees with Keras "
        f"on batches of {', '.join(map(str, SIZES))} pictures. The file cannot say how its pixels "
        f"were scaled or how its classes are ordered: {SCALING} and the data set's order are taken."
    )
    return ExaminedModel(Facts(architecture=export.describe(model)), graph, digest, (warning,))
