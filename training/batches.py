"""The order of training: batches drawn anew each epoch, and the same again for the same seed."""

import tensorflow as tf

from service.fashion import Rows
from training.data import Labels


def batches(
    rows: Rows, labels: Labels, size: int, seed: int, epochs: range
) -> "tf.data.Dataset[tuple[tf.Tensor, tf.Tensor]]":
    """Return the batches of several epochs, one epoch after the other.

    The order within an epoch depends on seed and epoch alone, so a training that was cut off
    can go on with the very batches that would have followed.
    """
    inputs, targets = tf.constant(rows), tf.constant(labels)

    def one_epoch(epoch: tf.Tensor) -> "tf.data.Dataset[tuple[tf.Tensor, tf.Tensor]]":
        order = tf.random.experimental.stateless_shuffle(
            tf.range(len(rows)), seed=[seed, tf.cast(epoch, tf.int32)]
        )
        picked = tf.data.Dataset.from_tensor_slices(order).batch(size)
        return picked.map(lambda index: (tf.gather(inputs, index), tf.gather(targets, index)))

    return tf.data.Dataset.range(epochs.start, epochs.stop).flat_map(one_epoch).prefetch(2)
