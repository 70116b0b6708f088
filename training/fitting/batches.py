"""Batches in an order that depends only on seed and epoch, so that a training can resume."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any, Final

import numpy.typing as npt
import tensorflow as tf

from service.fashion_mnist import Rows

Batches = Any
"""A `tf.data.Dataset` of pictures and targets."""

_ENDLESS: Final = 2**31 - 1


@dataclass(frozen=True)
class PictureSource:
    """Pictures to train on: `rows` float32[n, ...] as the network takes them.

    `targets` are class indexes or rows of ten numbers, alike in all sources of a training. `share`
    is the part of each batch from this source; the first source fills the rest, whatever its share.
    `augment` turns pictures and a seed, int32[2], into other pictures of the same shape.
    """

    rows: Rows
    targets: npt.NDArray[Any]
    share: float = 1.0
    augment: Callable[[tf.Tensor, tf.Tensor], tf.Tensor] | None = None


def steps_per_epoch(sources: Sequence[PictureSource], size: int) -> int:
    """Return the number of batches in an epoch, which has each picture of the first source once."""
    return ceil(len(sources[0].rows) / _counts(sources, size)[0])


def batches(sources: Sequence[PictureSource], size: int, seed: int, epochs: range) -> Batches:
    """Return the batches of several epochs, one epoch after the other.

    An epoch has each picture of the first source once. The other sources repeat as often as their
    share needs, reshuffled each time. Order and augmentation depend only on seed and epoch, so a
    resumed training gets the batches that it would have had.
    """
    pairs = zip(sources, _counts(sources, size), strict=True)
    parts = [_batches_of(place, *pair) for place, pair in enumerate(pairs)]

    def one_epoch(epoch: tf.Tensor) -> Batches:
        start = tf.stack([seed, tf.cast(epoch, tf.int32)])
        return tf.data.Dataset.zip(tuple(part(start) for part in parts)).map(_concatenate)

    return tf.data.Dataset.range(epochs.start, epochs.stop).flat_map(one_epoch).prefetch(2)


def _counts(sources: Sequence[PictureSource], size: int) -> list[int]:
    """Return how many pictures of a full batch come from each source."""
    others = [round(size * source.share) for source in sources[1:]]
    return [size - sum(others), *others]


def _batches_of(place: int, source: PictureSource, count: int) -> Callable[[tf.Tensor], Batches]:
    """Return a function from an epoch's seed to the batches of one source.

    The first source ends after one pass; the others are endless, and `zip` ends with the first.
    """
    rows, targets = tf.constant(source.rows), tf.constant(source.targets)
    indexes = tf.range(len(source.rows))

    def shuffled(seed: tf.Tensor) -> Batches:
        order = tf.random.experimental.stateless_shuffle(indexes, seed=seed)
        return tf.data.Dataset.from_tensor_slices(order)

    def pick(index: tf.Tensor, seed: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        pictures = tf.gather(rows, index)
        if source.augment:
            pictures = source.augment(pictures, seed)
        return pictures, tf.gather(targets, index)

    def epoch(start: tf.Tensor) -> Batches:
        seed = tf.random.fold_in(start, place) if place else start
        order = shuffled(seed)
        if place:
            rounds = tf.data.Dataset.range(_ENDLESS)
            order = rounds.flat_map(lambda number: shuffled(tf.random.fold_in(seed, number)))
        steps = order.batch(count).enumerate()
        return steps.map(lambda step, index: pick(index, tf.random.fold_in(seed, step)))

    return epoch


def _concatenate(*parts: tuple[tf.Tensor, tf.Tensor]) -> tuple[tf.Tensor, tf.Tensor]:
    """Return one batch made of the parts from each source."""
    pictures, targets = zip(*parts, strict=True)
    return tf.concat(pictures, axis=0), tf.concat(targets, axis=0)
