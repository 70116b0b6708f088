"""What the references share: the Keras model, the decoder and the answer."""

import io
import os
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf
from PIL import Image

Numbers = npt.NDArray[np.float32]


def load() -> Any:
    """Return the Keras model of the file `MODEL`."""
    return keras.models.load_model(os.environ["MODEL"], compile=False)


def load_fast() -> Callable[[Numbers], Numbers]:
    """Return the model as a compiled graph, float32[n, 784] to float32[n, 10], already warm."""
    model = load()
    shape = (-1, *model.input_shape[1:])
    graph = tf.function(
        lambda rows: model(tf.reshape(rows, shape), training=False),
        input_signature=[tf.TensorSpec((None, 784), tf.float32)],
    ).get_concrete_function()
    graph(tf.zeros((1, 784)))
    return lambda rows: graph(tf.constant(rows)).numpy()


def to_row(data: bytes) -> Numbers:
    """Decode a picture file to float32[784] in [0, 1]."""
    return image_to_row(Image.open(io.BytesIO(data)))


def image_to_row(image: Image.Image) -> Numbers:
    """Turn a Pillow image into float32[784] in [0, 1]."""
    return np.asarray(image.convert("L"), np.float32).reshape(784) / np.float32(255)


def answer(probabilities: Numbers) -> dict[str, Any]:
    """Return the answer for one picture from its ten probabilities."""
    best = int(probabilities.argmax())
    numbers = probabilities.tolist()
    return {"class_index": best, "confidence": numbers[best], "probabilities": numbers}
