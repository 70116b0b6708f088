"""Data augmentation: pictures mirrored, moved and partly hidden, differently in each epoch.

Uncovered and hidden pixels become background, 0, and nothing is interpolated, because the service
does not interpolate either. The same seed gives the same pictures.
"""

from typing import Final

import tensorflow as tf

from service.fashion_mnist import SIDE

MAX_SHIFT: Final = 2
"""Pixels that a picture moves at most, in each direction."""

SQUARE: Final = 8
"""Width and height, in pixels, of the square that hides a part of a picture."""


def augment(pictures: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Return pictures float32[n, 28, 28] or float32[n, 784], each changed at random.

    The seed is int32[2]. Shape and dtype stay.
    """
    mirroring, moving, hiding = tf.unstack(tf.random.split(seed, 3))
    changed = tf.reshape(pictures, (-1, SIDE, SIDE))
    changed = hide(move(mirror(changed, mirroring), moving), hiding)
    return tf.reshape(changed, tf.shape(pictures))


def mirror(pictures: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Return float32[n, 28, 28] with half of the pictures mirrored left to right."""
    chance = tf.random.stateless_uniform((_count(pictures), 1, 1), seed)
    return tf.where(chance < 0.5, pictures[:, :, ::-1], pictures)


def move(pictures: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Return float32[n, 28, 28], each moved by whole pixels; what leaves the picture is lost."""
    padding = (MAX_SHIFT, MAX_SHIFT)
    padded = tf.pad(pictures, ((0, 0), padding, padding))
    starts = tf.random.stateless_uniform(
        (2, _count(pictures), 1), seed, maxval=2 * MAX_SHIFT + 1, dtype=tf.int32
    )
    rows, columns = tf.unstack(starts + tf.range(SIDE))
    return tf.gather(tf.gather(padded, rows, batch_dims=1), columns, axis=2, batch_dims=1)


def hide(pictures: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Return float32[n, 28, 28], half of them with a square set to 0.

    (DeVries and Taylor, Cutout, arXiv:1708.04552.) The square's centre is anywhere in the picture,
    so the square may reach over the border.
    """
    chosen, placed = tf.unstack(tf.random.split(seed, 2))
    centres = tf.random.stateless_uniform((2, _count(pictures), 1), placed, maxval=SIDE)
    distances = tf.abs(tf.range(SIDE, dtype=tf.float32) + 0.5 - centres)
    rows, columns = tf.unstack(distances < SQUARE / 2)
    hidden = rows[:, :, None] & columns[:, None, :]
    hidden &= tf.random.stateless_uniform((_count(pictures), 1, 1), chosen) < 0.5
    return tf.where(hidden, 0.0, pictures)


def _count(pictures: tf.Tensor) -> tf.Tensor:
    return tf.shape(pictures)[0]
