"""The checks that a model file passes before it may serve; runs in the examiner's child alone."""

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
from service.model_file.agreement import LARGEST, check_agreement, check_probabilities
from service.model_file.graph_rules import check_graph
from service.model_file.hdf5 import Golden, Parts
from service.model_file.hdf5_rules import open_container
from service.model_file.source import Source


def inspect(source: Source, before_keras: Callable[[], None]) -> ExaminedModel:
    """Return what a server needs of a model file that may serve.

    `before_keras` is called before TensorFlow is imported, which only a plain Keras file needs.

    Raises:
        ModelRefused: the sentence says what is wrong.
    """
    with open_container(source.data) as opened:
        hdf5.read_config(opened)
        weights = hdf5.weights_digest(opened)
        parts = hdf5.read_parts(opened)
    if parts is None:
        before_keras()
        return _open_plain(source)
    check_graph(parts.graph)
    _check_parts(parts, weights)
    return ExaminedModel(parts.facts, parts.graph, source.digest)


def _check_parts(parts: Parts, weights: str) -> None:
    if parts.facts.class_names != CLASS_NAMES or parts.facts.scaling != SCALING:
        raise ModelRefused("it was made for other classes or another scaling of pixels")
    if parts.weights_digest != weights:
        raise ModelRefused(
            "its weights are not those that its graph was compiled from: make it anew with "
            "`fashion-train convert`"
        )
    classifier = Classifier(parts.graph)
    if classifier.width != CLASSES + len(fits_with_ood_score(parts.facts.confidence)):
        raise ModelRefused(
            f"its graph answers {classifier.width} numbers, and its facts tell of another count"
        )
    _check_golden(parts.golden, classifier)


def _check_golden(golden: Golden, classifier: Classifier) -> None:
    count = len(golden.pixels)
    if not count or golden.pixels.shape != (count, SIDE, SIDE):
        raise ModelRefused("it has no golden examples")
    if golden.answers.shape != (count, classifier.width):
        raise ModelRefused("its golden examples have no answers")
    check_probabilities(golden.answers)
    check_agreement(classifier, to_rows(golden.pixels), golden.answers)


def _open_plain(source: Source) -> ExaminedModel:
    """Let Keras load and export a file that only Keras wrote."""
    try:
        from service.model_file import export
    except ModuleNotFoundError as error:
        raise ModelRefused(
            "it is a plain Keras file, and opening one needs TensorFlow: "
            "`pip install 'fashion-mnist-serving[keras]'`, or make a servable file of it where "
            "TensorFlow is, with `fashion-train convert`"
        ) from error
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "model.h5"  # of what was looked at: the file may have changed since
        copy.write_bytes(source.data)
        model = export.load(copy)
    graph = export.compile_graph(model)
    warning = (
        "This is a plain Keras file. Its graph was compiled at the start and agrees with Keras on "
        f"every batch of up to {LARGEST} pictures. The file cannot say how its pixels were scaled "
        f"or how its classes are ordered: {SCALING} and the data set's order are taken."
    )
    return ExaminedModel(
        Facts(architecture=export.describe(model)), graph, source.digest, (warning,)
    )
