"""What a network is told of its answers where more than one class may be right."""

from typing import Final

import keras

LEAST: Final = 1e-7
"""The least chance that is told from none, as in Keras's own losses."""


def loss(targets: "keras.KerasTensor", probabilities: "keras.KerasTensor") -> "keras.KerasTensor":
    """Return minus the logarithm of the chance that a right class is named, for each picture.

    Targets are float32[n, 10], how much each class is right. With one right class it is the
    cross-entropy.
    """
    likely = keras.ops.sum(targets * probabilities, axis=-1)
    return -keras.ops.log(keras.ops.maximum(likely, LEAST))


def accuracy() -> keras.metrics.Metric:
    """Return the share of pictures whose likeliest class is a right one."""
    return keras.metrics.MeanMetricWrapper(_is_right, name="accuracy")


def _is_right(
    targets: "keras.KerasTensor", probabilities: "keras.KerasTensor"
) -> "keras.KerasTensor":
    named = keras.ops.one_hot(keras.ops.argmax(probabilities, axis=-1), targets.shape[-1])
    return keras.ops.cast(keras.ops.sum(named * targets, axis=-1) > 0, "float32")
