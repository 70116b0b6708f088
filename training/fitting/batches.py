"""The order of training: batches drawn anew each epoch, and the same again for the same seed."""

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
class Source:
    """Pictures to learn from: `rows` float32[n, ...] as the network takes them.

    `targets` is what the network should answer: a class index for each, or a row of ten numbers,
    of the same kind in all sources of a training. `share` is the part of each batch that comes
    from here; the first source fills what the others leave, whatever its own share says. `change`
    makes of pictures and a seed, int32[2], other pictures of the same shape.
    """

    rows: Rows
    targets: npt.NDArray[Any]
    share: float = 1.0
    change: Callable[[tf.Tensor, tf.Tensor], tf.Tensor] | None = None


def steps_per_epoch(sources: Sequence[Source], size: int) -> int:
    """Return how many batches an epoch has: each picture of the first source comes once in it."""
    return ceil(len(sources[0].rows) / _counts(sources, size)[0])


def batches(sources: Sequence[Source], size: int, seed: int, epochs: range) -> Batches:
    """Return the batches of several epochs, one epoch after the other.

    In an epoch each picture of the first source comes once. The other sources are gone through as
    often as their share asks for, in another order each time. What is drawn, and how it is changed,
    depends on seed and epoch alone, so a training that was cut off can go on with the very batches
    that would have followed.
    """
    pairs = zip(sources, _counts(sources, size), strict=True)
    drawers = [_drawer(place, *pair) for place, pair in enumerate(pairs)]

    def one_epoch(epoch: tf.Tensor) -> Batches:
        start = tf.stack([seed, tf.cast(epoch, tf.int32)])
        return tf.data.Dataset.zip(tuple(draw(start) for draw in drawers)).map(_joined)

    return tf.data.Dataset.range(epochs.start, epochs.stop).flat_map(one_epoch).prefetch(2)


def _counts(sources: Sequence[Source], size: int) -> list[int]:
    """Return how many pictures of a full batch come from each source."""
    others = [round(size * source.share) for source in sources[1:]]
    return [size - sum(others), *others]


def _drawer(place: int, source: Source, count: int) -> Callable[[tf.Tensor], Batches]:
    """Return what makes, of the seed of an epoch, one source's part of its batches.

    The first source is gone through once; the others have no end, and `zip` ends with the first.
    """
    rows, targets = tf.constant(source.rows), tf.constant(source.targets)
    every = tf.range(len(source.rows))

    def shuffled(seed: tf.Tensor) -> Batches:
        order = tf.random.experimental.stateless_shuffle(every, seed=seed)
        return tf.data.Dataset.from_tensor_slices(order)

    def pick(index: tf.Tensor, seed: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        pictures = tf.gather(rows, index)
        if source.change:
            pictures = source.change(pictures, seed)
        return pictures, tf.gather(targets, index)

    def draw(start: tf.Tensor) -> Batches:
        seed = tf.random.fold_in(start, place) if place else start
        order = shuffled(seed)
        if place:
            rounds = tf.data.Dataset.range(_ENDLESS)
            order = rounds.flat_map(lambda number: shuffled(tf.random.fold_in(seed, number)))
        steps = order.batch(count).enumerate()
        return steps.map(lambda step, index: pick(index, tf.random.fold_in(seed, step)))

    return draw


def _joined(*parts: tuple[tf.Tensor, tf.Tensor]) -> tuple[tf.Tensor, tf.Tensor]:
    """Return one batch of the parts that each source gave."""
    pictures, targets = zip(*parts, strict=True)
    return tf.concat(pictures, axis=0), tf.concat(targets, axis=0)
