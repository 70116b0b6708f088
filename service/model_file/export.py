"""A Keras model to the compiled graph, and Keras as the judge of it; needs TensorFlow.

`training` uses it on models it has fitted, the examiner's child on plain Keras files.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import keras
import numpy as np

from service.errors import ModelRefused
from service.fashion_mnist import CLASS_NAMES, ROW, SIDE, Pixels, Rows, to_rows
from service.model.classifier import Classifier
from service.model.facts import Architecture, Layer, Parameters
from service.model_file.agreement import LARGEST, check_agreement, check_probabilities
from service.model_file.graph_rules import check_graph
from service.model_file.hdf5 import Golden
from service.model_file.layer_rules import MAX_PARAMETERS

INPUT_SHAPES: Final = ((ROW,), (SIDE, SIDE), (SIDE, SIDE, 1))


def load(path: Path) -> keras.Model:
    """Return the Keras model in a file, ours or a plain one by Keras 2 or 3, under an ASCII name.

    Raises:
        ModelRefused: Keras cannot load it, or it does not take pictures and answer ten numbers.
    """
    try:
        with _bounded_weights():
            model = keras.saving.load_model(path, compile=False, safe_mode=True)
    except ModelRefused:
        raise
    except Exception as error:  # Keras raises whatever the file's content leads it to
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ModelRefused(f"Keras cannot load it: {reason}") from error
    _check_shapes(model)
    return model if model.name.isascii() else _renamed(model)


def compile_graph(model: keras.Model) -> bytes:
    """Return the graph (LiteRT) float32[n, 784] to float32[n, 10 or more] that Keras exports.

    Whatever the model's own input shape is, the reshape becomes part of the graph. Export leaves
    dropout out by construction. A model may answer the strangeness by route beside probabilities.

    Raises:
        ModelRefused: the model does not answer probabilities, or graph and Keras disagree on a
            probe batch.
    """
    rows = keras.Input((ROW,), name="image", dtype="float32")
    pictures = keras.layers.Reshape(model.input_shape[1:])(rows)
    wrapped = keras.Model(rows, model(pictures), name="probabilities")
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "graph.tflite"
        wrapped.export(target, format="litert", verbose=False)
        graph = target.read_bytes()
    check_graph(graph)
    probe = golden_examples(model, probe_pixels())
    check_probabilities(probe.answers)
    check_agreement(Classifier(graph), to_rows(probe.pixels), probe.answers)
    return graph


def keras_probabilities(model: keras.Model, rows: Rows) -> Rows:
    """Return what Keras itself computes for float32[n, 784], dropout off: float32[n, 10].

    Behind the probabilities comes what else the model answers.
    """
    pictures = rows.reshape(-1, *model.input_shape[1:])
    return np.asarray(keras.ops.convert_to_numpy(model(pictures, training=False)))


def golden_examples(model: keras.Model, pixels: Pixels) -> Golden:
    """Return pictures uint8[n, 28, 28] with the answers that Keras computes for them."""
    return Golden(pixels, keras_probabilities(model, to_rows(pixels)))


def describe(model: keras.Model) -> Architecture:
    """Return the model's layers as data, and the text that Keras prints for them."""
    lines: list[str] = []
    model.summary(print_fn=lambda text, **_: lines.append(text), line_length=80)
    trainable = sum(_count(weight) for weight in model.trainable_weights)
    return Architecture(
        summary="\n".join(lines),
        layers=tuple(_layer(layer) for layer in model.layers),
        parameters=Parameters(
            total=model.count_params(),
            trainable=trainable,
            non_trainable=model.count_params() - trainable,
        ),
    )


def probe_pixels() -> Pixels:
    """Return pictures uint8[64, 28, 28] to compare engines on: noise, the same every time."""
    return np.random.default_rng(0).integers(0, 256, (LARGEST, SIDE, SIDE), np.uint8)


@contextmanager
def _bounded_weights() -> Iterator[None]:
    """Count weights as Keras is about to make them: a few bytes can ask for gigabytes."""
    add_weight, count = keras.Layer.add_weight, 0

    def add_counted(layer: keras.Layer, shape: Any = None, *args: Any, **options: Any) -> Any:
        nonlocal count
        count += int(np.prod([float(size) for size in shape or ()]))
        if count > MAX_PARAMETERS:
            raise ModelRefused(f"its layers have more than {MAX_PARAMETERS} weights")
        return add_weight(layer, shape, *args, **options)

    keras.Layer.add_weight = add_counted  # nothing tells the sizes before the layers are built
    try:
        yield
    finally:
        keras.Layer.add_weight = add_weight


def _check_shapes(model: keras.Model) -> None:
    taken, answered = _shape(model, "input_shape"), _shape(model, "output_shape")
    if taken not in INPUT_SHAPES or answered != (len(CLASS_NAMES),):
        raise ModelRefused(
            f"it takes {taken} and answers {answered}, but a model for this service takes one of "
            f"{', '.join(map(str, INPUT_SHAPES))} and answers ({len(CLASS_NAMES)},)"
        )


def _shape(model: keras.Model, name: str) -> Any:
    shape = getattr(model, name, None)
    return shape[1:] if isinstance(shape, tuple) else shape


def _renamed(model: keras.Model) -> keras.Model:
    """Rebuild a model under an ASCII name: Keras 3 fails to run or export any other."""
    copy = model.__class__.from_config({**model.get_config(), "name": "model"})
    copy.set_weights(model.get_weights())
    return copy


def _layer(layer: keras.Layer) -> Layer:
    return Layer(
        name=layer.name,
        type=type(layer).__name__,
        output_shape=tuple(layer.output.shape),
        parameters=layer.count_params(),
    )


def _count(weight: Any) -> int:
    return int(np.prod(weight.shape))
