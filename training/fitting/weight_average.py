"""The average of a network's numbers over its last steps: it judges better than where it stands."""

from typing import Any

import keras
import tensorflow as tf


class Average(keras.callbacks.Callback):  # type: ignore[misc]  # Keras ships no types
    """Keeps a moving average of all numbers of a network, and shows it when the network is judged.

    (Polyak and Juditsky 1992.) Each step keeps `share` of the old average, and less in the
    beginning, as TensorFlow's `ExponentialMovingAverage` does, so that the random start is soon
    forgotten. The average is in the network from the validation until the callbacks before this
    one have seen the end of the epoch; those after it, and the next epoch, find the network as it
    was. With a share of 0 nothing is kept and nothing happens.

    Keras's own averaging leaves out what batch normalisation measures, which then belongs to
    other weights than those that are judged. Here it is averaged with them.
    """

    def __init__(self, model: keras.Model, share: float) -> None:
        super().__init__()
        self._share = share
        self._numbers = [one for one in model.variables if share and one.dtype == "float32"]
        self.variables = [keras.Variable(one, trainable=False) for one in self._numbers]
        self._move = tf.function(self._move_all)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Move the average a little towards where the network now stands."""
        if not self.variables:
            return
        steps = int(self.model.optimizer.iterations)
        self._move(tf.constant(1 - min(self._share, (1 + steps) / (10 + steps)), tf.float32))

    def on_test_begin(self, logs: Any = None) -> None:
        """Put the average into the network."""
        self._exchange()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Put back what the network learned."""
        self._exchange()

    def _move_all(self, step: tf.Tensor) -> None:
        for average, number in zip(self.variables, self._numbers, strict=True):
            average.assign_add(step * (number - average))

    def _exchange(self) -> None:
        for average, number in zip(self.variables, self._numbers, strict=True):
            held = keras.ops.convert_to_numpy(number).copy()
            number.assign(average)
            average.assign(held)
