"""How far a picture lies from those that a network has learned, as a further answer of it.

The measure is the Mahalanobis distance to the nearest class, with one covariance for all classes,
among features of unit length: Müller and Hein, "Mahalanobis++: improving OOD detection via feature
normalization", ICML 2025, arXiv:2505.18032, after Lee, Lee, Lee and Shin, arXiv:1807.03888.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import keras
import numpy as np
import numpy.typing as npt

from service.fashion import CLASS_NAMES, Pixels, Rows
from training.evaluate import answers

SHRINKAGE: Final = 0.01
"""How much of the covariance is taken to be the same in all directions: few pictures, many of them.

Without it, float32 would not do for the directions that hardly vary."""

LEAST_VARIANCE: Final = 1e-9

Classes = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Clusters:
    """Where the features of known pictures lie.

    `whitening` is float32[k, k] and makes them vary alike in all directions, around `middle`,
    float32[k], once they are whitened; `means` is float32[c, k], that of each class from there.
    """

    whitening: Rows
    middle: Rows
    means: Rows


def features(model: keras.Model) -> keras.KerasTensor | None:
    """Return what the last dense layer of a network takes, or None if that is not learned."""
    last = model.layers[-1]
    if not isinstance(last, keras.layers.Dense) or last.units != len(CLASS_NAMES):
        return None
    learned = keras.Model(model.inputs[0], last.input).count_params() > 0
    return last.input if learned and len(last.input.shape) == 2 else None


def unit_features(model: keras.Model, pixels: Pixels) -> Rows | None:
    """Return the features of pictures uint8[n, 28, 28], each of unit length: float32[n, k]."""
    found = features(model)
    if found is None:
        return None
    return answers(keras.Model(model.inputs[0], keras.layers.UnitNormalization()(found)), pixels)


def fit_clusters(found: Rows, classes: Classes) -> Clusters:
    """Fit to features float32[n, k] of unit length, and the class of each, int[n]."""
    exact = found.astype(np.float64)
    present, place = np.unique(classes, return_inverse=True)
    means = np.stack([exact[classes == one].mean(axis=0) for one in present])
    variances, directions = np.linalg.eigh(np.cov((exact - means[place]).T))
    even = (1 - SHRINKAGE) * variances + SHRINKAGE * variances.mean()
    whitening = directions / np.sqrt(np.maximum(even, LEAST_VARIANCE))
    middle = means.mean(axis=0) @ whitening
    parts = (whitening, middle, means @ whitening - middle)
    return Clusters(*(part.astype(np.float32) for part in parts))


def with_strangeness(model: keras.Model, known: Sequence[Clusters]) -> keras.Model:
    """Return a network that answers its probabilities and a strangeness for each of `known`.

    The strangeness is in [0, 1), and about a half for a known picture. Without clusters, it is the
    network itself.
    """
    if not known:
        return model
    inputs = keras.Input(model.input_shape[1:], name="image")
    both = keras.Model(model.inputs[0], [model.outputs[0], features(model)])
    probabilities, found = both(inputs)
    unit = keras.layers.UnitNormalization()(found)
    columns = [_strangeness(unit, clusters) for clusters in known]
    return keras.Model(inputs, keras.layers.Concatenate()([probabilities, *columns]))


def _strangeness(unit: keras.KerasTensor, known: Clusters) -> keras.KerasTensor:
    """Return the squared distance to the nearest mean, a share of itself and the usual one.

    In tables of numbers alone: LiteRT gives wrong answers at some batch sizes if each picture is
    spread over all means first.
    """
    classes, count = known.means.shape
    whiten = keras.layers.Dense(count, kernel_initializer="zeros")
    white = whiten(unit)
    whiten.set_weights([known.whitening, -known.middle])
    toward = keras.layers.Dense(classes, kernel_initializer="zeros")
    squares = toward(white) + keras.ops.sum(keras.ops.square(white), axis=1, keepdims=True)
    toward.set_weights([-2 * known.means.T, (known.means**2).sum(axis=1)])
    nearest = keras.ops.relu(keras.ops.min(squares, axis=1, keepdims=True)) / count
    return nearest / (1 + nearest)  # in a range where float32 tells near and far alike
