"""The checks that a model file must pass before it may serve; for the examiner's child process."""

import tempfile
from collections.abc import Callable
from pathlib import Path

from service.errors import ModelRefused
from service.fashion_mnist import CLASS_NAMES, SCALING, SIDE, to_rows
from service.model.classifier import Classifier
from service.model.confidence import CLASSES, fits_with_ood_score
from service.model.examined import ExaminedModel
from service.model.facts import Facts
from service.model_file import hdf5
from service.model_file.agreement import LARGEST_BATCH, check_agreement, check_probabilities
from service.model_file.graph_rules import check_graph
from service.model_file.hdf5 import Golden, Parts
from service.model_file.hdf5_rules import open_hdf5
from service.model_file.source import ModelSource


def check_model(source: ModelSource, before_keras: Callable[[], None]) -> ExaminedModel:
    """Return what a server needs of a model file.

    `before_keras` is called before TensorFlow is imported, which only a plain Keras file needs.

    Raises:
        ModelRefused: the file may not serve; the message says why.
    """
    with open_hdf5(source.data) as file:
        hdf5.read_config(file)
        weights_digest = hdf5.weights_digest(file)
        parts = hdf5.read_parts(file)
    if parts is None:
        before_keras()
        return _compile_plain(source)
    check_graph(parts.graph)
    _check_parts(parts, weights_digest)
    return ExaminedModel(parts.facts, parts.graph, source.digest)


def _check_parts(parts: Parts, weights_digest: str) -> None:
    if parts.facts.class_names != CLASS_NAMES or parts.facts.scaling != SCALING:
        raise ModelRefused("it was made for other classes or another scaling of pixels")
    if parts.weights_digest != weights_digest:
        raise ModelRefused(
            "its weights have changed since its graph was compiled: make the file again with "
            "`fashion-train convert`"
        )
    classifier = Classifier(parts.graph)
    width = CLASSES + len(fits_with_ood_score(parts.facts.confidence))
    if classifier.width != width:
        raise ModelRefused(
            f"its graph has {classifier.width} outputs, but its facts describe {width}"
        )
    _check_golden(parts.golden, classifier)


def _check_golden(golden: Golden, classifier: Classifier) -> None:
    count = len(golden.pixels)
    if not count or golden.pixels.shape != (count, SIDE, SIDE):
        raise ModelRefused("it has no golden examples")
    if golden.outputs.shape != (count, classifier.width):
        raise ModelRefused("the outputs of its golden examples have the wrong shape")
    check_probabilities(golden.outputs)
    check_agreement(classifier, to_rows(golden.pixels), golden.outputs)


def _compile_plain(source: ModelSource) -> ExaminedModel:
    """Have Keras load a file without our group, and export its graph."""
    try:
        from service.model_file import export
    except ModuleNotFoundError as error:
        raise ModelRefused(
            "it is a plain Keras file, which only TensorFlow can open: "
            "`pip install 'fashion-mnist-serving[keras]'`, or make a servable file of it with "
            "`fashion-train convert` where TensorFlow is installed"
        ) from error
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "model.h5"  # the file at the path may have changed since the checks
        copy.write_bytes(source.data)
        model = export.load(copy)
    graph = export.compile_graph(model)
    warning = (
        "This is a plain Keras file. Its graph was compiled when it was opened, and agrees with "
        f"Keras on every batch of up to {LARGEST_BATCH} pictures. The file does not say how its "
        f"pixels are scaled or its classes ordered: {SCALING} and the data set's order are assumed."
    )
    return ExaminedModel(
        Facts(architecture=export.describe(model)), graph, source.digest, (warning,)
    )
