"""Compiles a Keras model to a graph, and compares the two; needs TensorFlow.

`training` uses it for fitted models, the examiner's child for plain Keras files.
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
from service.model_file.agreement import LARGEST_BATCH, check_agreement, check_probabilities
from service.model_file.graph_rules import check_graph
from service.model_file.hdf5 import Golden
from service.model_file.layer_rules import MAX_WEIGHTS

INPUT_SHAPES: Final = ((ROW,), (SIDE, SIDE), (SIDE, SIDE, 1))


def load(path: Path) -> keras.Model:
    """Return the model in a file of ours or of Keras 2 or 3; its name is made ASCII.

    Raises:
        ModelRefused: Keras cannot load it, or its input or output has another shape.
    """
    try:
        with _bounded_weights():
            model = keras.saving.load_model(path, compile=False, safe_mode=True)
    except ModelRefused:
        raise
    except Exception as error:  # Keras raises almost anything
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ModelRefused(f"Keras cannot load it: {reason}") from error
    _check_shapes(model)
    return model if model.name.isascii() else _renamed(model)


def compile_graph(model: keras.Model) -> bytes:
    """Export a model as a LiteRT graph, float32[n, 784] to float32[n, 10 or more].

    The graph reshapes its input to that of the model, and has no dropout. After the probabilities,
    a model may output out-of-distribution scores.

    Raises:
        ModelRefused: the outputs are not probabilities, or graph and Keras disagree on a probe
            batch.
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
    check_probabilities(probe.outputs)
    check_agreement(Classifier(graph), to_rows(probe.pixels), probe.outputs)
    return graph


def keras_probabilities(model: keras.Model, rows: Rows) -> Rows:
    """Return Keras's output for float32[n, 784], without dropout: float32[n, 10 or more]."""
    pictures = rows.reshape(-1, *model.input_shape[1:])
    return np.asarray(keras.ops.convert_to_numpy(model(pictures, training=False)))


def golden_examples(model: keras.Model, pixels: Pixels) -> Golden:
    """Return pictures uint8[n, 28, 28] with Keras's outputs for them."""
    return Golden(pixels, keras_probabilities(model, to_rows(pixels)))


def describe(model: keras.Model) -> Architecture:
    """Return the model's layers as data, and the text that Keras prints for them."""
    lines: list[str] = []
    model.summary(print_fn=lambda text, **_: lines.append(text), line_length=80)
    trainable = sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
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
    """Return noise uint8[64, 28, 28] to compare graph and Keras on, always the same."""
    return np.random.default_rng(0).integers(0, 256, (LARGEST_BATCH, SIDE, SIDE), np.uint8)


@contextmanager
def _bounded_weights() -> Iterator[None]:
    """Limit the weights that Keras creates: a few bytes of config can ask for gigabytes."""
    add_weight, count = keras.Layer.add_weight, 0

    def add_counted(layer: keras.Layer, shape: Any = None, *args: Any, **options: Any) -> Any:
        nonlocal count
        count += int(np.prod([float(size) for size in shape or ()]))
        if count > MAX_WEIGHTS:
            raise ModelRefused(f"its layers have more than {MAX_WEIGHTS} weights")
        return add_weight(layer, shape, *args, **options)

    keras.Layer.add_weight = add_counted  # the sizes are not known earlier
    try:
        yield
    finally:
        keras.Layer.add_weight = add_weight


def _check_shapes(model: keras.Model) -> None:
    inputs, outputs = _shape(model, "input_shape"), _shape(model, "output_shape")
    if inputs not in INPUT_SHAPES or outputs != (len(CLASS_NAMES),):
        raise ModelRefused(
            f"its input shape is {inputs} and its output shape {outputs}, but the service needs "
            f"one of {', '.join(map(str, INPUT_SHAPES))}, and ({len(CLASS_NAMES)},)"
        )


def _shape(model: keras.Model, name: str) -> Any:
    shape = getattr(model, name, None)
    return shape[1:] if isinstance(shape, tuple) else shape


def _renamed(model: keras.Model) -> keras.Model:
    """Rebuild a model under an ASCII name; Keras 3 cannot run or export any other."""
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
