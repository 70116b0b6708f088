"""An exponential moving average of the weights, which generalises better than the last step."""

from typing import Any

import keras
import tensorflow as tf


class WeightAverage(keras.callbacks.Callback):  # type: ignore[misc]  # Keras ships no types
    """Averages all float variables of a network, and swaps the average in for validation.

    (Polyak and Juditsky 1992.) Each step keeps `decay` of the old average, and less of it in the
    first steps, as TensorFlow's `ExponentialMovingAverage` does, so that the random initial weights
    soon vanish. The network holds the average from the start of validation until `on_epoch_end` of
    this callback: earlier callbacks see the average, later ones the network as it trains. A decay
    of 0 turns all of this off.

    Keras's own averaging leaves out the statistics of batch normalisation, which then belong to
    other weights than those that are validated.
    """

    def __init__(self, model: keras.Model, decay: float) -> None:
        super().__init__()
        self._decay = decay
        self._trained = [one for one in model.variables if decay and one.dtype == "float32"]
        self.variables = [keras.Variable(one, trainable=False) for one in self._trained]
        self._update = tf.function(self._update_all)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Move the average towards the current weights."""
        if not self.variables:
            return
        steps = int(self.model.optimizer.iterations)
        self._update(tf.constant(1 - min(self._decay, (1 + steps) / (10 + steps)), tf.float32))

    def on_test_begin(self, logs: Any = None) -> None:
        """Put the average into the network."""
        self._swap()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Put the trained weights back."""
        self._swap()

    def _update_all(self, step: tf.Tensor) -> None:
        for average, variable in zip(self.variables, self._trained, strict=True):
            average.assign_add(step * (variable - average))

    def _swap(self) -> None:
        for average, variable in zip(self.variables, self._trained, strict=True):
            held = keras.ops.convert_to_numpy(variable).copy()
            variable.assign(average)
            average.assign(held)
