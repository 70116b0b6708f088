"""Convolutions over small maps as products of matrices, which the engine computes faster.

The engine goes through the places of one picture seven at a time, so that the nine places of a 3×3
map cost as much as fourteen. As rows of one matrix, the places of all pictures of a batch follow
each other without a gap (Chellapilla, Puri and Simard, "High performance convolutional neural
networks for document processing", 2006). The numbers are the same, but for rounding.
"""

from itertools import product
from typing import Any, Final

import keras
import numpy as np

LARGEST: Final = 9
"""Places of a map that this pays for. The recipe `cnn` takes 182 µs a picture in a batch of 32, and
210 without; with its maps of 49 places done so too, 189, for their copies take longer."""


def with_windows(model: keras.Model) -> keras.Model:
    """Return the same network, of the same layers, for the compiled graph to be made of.

    It has one input and one output.
    """
    # A copy of a compiled model would be compiled again, which not every loss bears.
    bare = keras.Model(model.inputs[0], model.outputs[0])
    return keras.models.clone_model(bare, clone_function=_replaced, recursive=True)


def _replaced(layer: keras.Layer) -> keras.Layer:
    if type(layer) is not keras.layers.Conv2D or layer.groups > 1:
        return layer
    plain = layer.padding == "same" and layer.data_format == "channels_last"
    steps = {*layer.strides, *layer.dilation_rate}
    return Windows(layer) if plain and steps == {1} else layer


class Windows(keras.Layer):  # type: ignore[misc]  # Keras ships no types
    """A convolution that answers small maps by a product of matrices, and others as it does itself.

    It moves by one place, and its maps come out as large as they went in.
    """

    def __init__(self, convolution: keras.layers.Conv2D) -> None:
        super().__init__(name=convolution.name)
        self._convolution = convolution

    def call(self, maps: Any) -> Any:
        """Return float32[n, height, width, filters] for float32[n, height, width, channels]."""
        _, height, width, channels = maps.shape
        kernel = self._convolution.kernel
        if not _pays(height, width, kernel.shape[:2]):
            return self._convolution(maps)
        places = keras.ops.reshape(maps, (-1, height * width, channels))
        places = keras.ops.pad(places, ((0, 0), (0, 1), (0, 0)))  # the last one lies outside
        windows = keras.ops.take(places, _windows(height, width, kernel.shape[:2]), axis=1)
        rows = keras.ops.reshape(windows, (-1, int(np.prod(kernel.shape[:3]))))
        found = keras.ops.matmul(rows, keras.ops.reshape(kernel, (rows.shape[1], -1)))
        if self._convolution.use_bias:
            found = found + self._convolution.bias
        found = keras.ops.reshape(found, (-1, height, width, kernel.shape[3]))
        return self._convolution.activation(found)


def _pays(height: int | None, width: int | None, kernel: tuple[int, int]) -> bool:
    """Tell whether maps are small, of a known size, and not mostly beside what the kernel sees."""
    if height is None or width is None or height * width > LARGEST:
        return False
    return kernel[0] < 2 * height and kernel[1] < 2 * width


def _windows(height: int, width: int, kernel: tuple[int, int]) -> Any:
    """Return which places a kernel sees from each place, int32[places * kernel]; one is outside."""
    padded = np.full((height + kernel[0] - 1, width + kernel[1] - 1), height * width, np.int32)
    top, left = ((size - 1) // 2 for size in kernel)
    inside = np.arange(height * width, dtype=np.int32).reshape(height, width)
    padded[top : top + height, left : left + width] = inside
    seen = [
        padded[row : row + kernel[0], column : column + kernel[1]].ravel()
        for row, column in product(range(height), range(width))
    ]
    return np.concatenate(seen)
