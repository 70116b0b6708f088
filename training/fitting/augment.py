"""Pictures changed a little, anew each time they are learned from, so that accidents teach nothing.

A garment may be mirrored, lie elsewhere, and be hidden in part. What is uncovered or hidden is
background, 0, and no value between the pixels' own is made up: what a service is asked about was
not interpolated either. All chance comes from a seed, so the same seed gives the same pictures.
"""

from typing import Final

import tensorflow as tf

from service.fashion_mnist import SIDE

FARTHEST: Final = 2
"""How many pixels a picture is moved at most, in each direction."""

HIDDEN: Final = 8
"""Width and height, in pixels, of the square that hides a part of a picture."""


def augment(pictures: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Return pictures float32[n, 28, 28], or float32[n, 784], each changed by a chance of its own.

    The seed is int32[2]. Shape and dtype stay.
    """
    mirroring, moving, hiding = tf.unstack(tf.random.split(seed, 3))
    changed = tf.reshape(pictures, (-1, SIDE, SIDE))
    changed = hide(move(mirror(changed, mirroring), moving), hiding)
    return tf.reshape(changed, tf.shape(pictures))


def mirror(pictures: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Return float32[n, 28, 28] with left and right exchanged in half of the pictures."""
    chance = tf.random.stateless_uniform((_count(pictures), 1, 1), seed)
    return tf.where(chance < 0.5, pictures[:, :, ::-1], pictures)


def move(pictures: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Return float32[n, 28, 28], each moved by whole pixels; what leaves the picture is lost."""
    room = tf.pad(pictures, ((0, 0), (FARTHEST, FARTHEST), (FARTHEST, FARTHEST)))
    starts = tf.random.stateless_uniform(
        (2, _count(pictures), 1), seed, maxval=2 * FARTHEST + 1, dtype=tf.int32
    )
    rows, columns = tf.unstack(starts + tf.range(SIDE))
    return tf.gather(tf.gather(room, rows, batch_dims=1), columns, axis=2, batch_dims=1)


def hide(pictures: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Return float32[n, 28, 28], half of them with a square set to 0.

    (DeVries and Taylor, Cutout, arXiv:1708.04552.) The square's centre lies anywhere in the
    picture, so that the square may reach over its border.
    """
    chosen, placed = tf.unstack(tf.random.split(seed, 2))
    centres = tf.random.stateless_uniform((2, _count(pictures), 1), placed, maxval=SIDE)
    distances = tf.abs(tf.range(SIDE, dtype=tf.float32) + 0.5 - centres)
    rows, columns = tf.unstack(distances < HIDDEN / 2)
    hidden = rows[:, :, None] & columns[:, None, :]
    hidden &= tf.random.stateless_uniform((_count(pictures), 1, 1), chosen) < 0.5
    return tf.where(hidden, 0.0, pictures)


def _count(pictures: tf.Tensor) -> tf.Tensor:
    return tf.shape(pictures)[0]
