"""How far a picture lies from those that a network has learned, as a further answer of it.

The measure is the Mahalanobis distance to the nearest class, with one covariance for all classes,
among features of unit length: Müller and Hein, "Mahalanobis++: improving OOD detection via feature
normalization", ICML 2025, arXiv:2505.18032, after Lee, Lee, Lee and Shin, arXiv:1807.03888. Where
pictures of strangers are at hand, a logistic regression on the same features and that distance says
what else tells them, as Lee et al. weigh their distances (section 2.3).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import keras
import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from service.fashion_mnist import CLASS_NAMES, Pixels, Rows
from training.predict import answers

SHRINKAGE: Final = 0.01
"""How much of the covariance is taken to be the same in all directions: few pictures, many of them.

Without it, float32 would not do for the directions that hardly vary."""

LEAST_VARIANCE: Final = 1e-9

LEAST_DISTANCE: Final = 1e-6
"""The least squared distance, a share of the usual one, that has a logarithm worth telling."""

SCALE: Final = 10.0
"""What features of unit length are multiplied by, so that they vary as the logarithms do."""

Classes = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Clusters:
    """Where the features of known pictures lie.

    `whitening` is float32[k, k] and makes them vary alike in all directions, around `middle`,
    float32[k], once they are whitened; `means` is float32[c, k], that of each class from there.
    The strangeness is the logistic function of the distance's logarithm times `slope`, the features
    times `lean`, float32[k], and `bias`. As they are, it is the distance, a share of itself and 1.
    """

    whitening: Rows
    middle: Rows
    means: Rows
    lean: Rows
    slope: float = 1.0
    bias: float = 0.0

    def logarithms(self, found: Rows) -> Rows:
        """Return the logarithm of the distance of features [n, k] to the nearest mean, [n]."""
        white = found @ self.whitening - self.middle
        squares = ((white[:, None] - self.means) ** 2).sum(axis=2)
        nearest: Rows = np.log(squares.min(axis=1) / self.means.shape[1] + LEAST_DISTANCE)
        return nearest


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
    parts = (whitening, middle, means @ whitening - middle, np.zeros(len(middle)))
    whitening, middle, means, lean = (part.astype(np.float32) for part in parts)
    return Clusters(whitening, middle, means, lean)


def tell_apart(clusters: Clusters, known: Rows, strange: Rows) -> Clusters:
    """Return clusters whose strangeness also goes by what tells some strangers from the known.

    Both are features float32[n, k] of unit length. Few strangers weigh as much as many known.
    """
    both = np.concatenate([known, strange])
    columns = np.column_stack([SCALE * both, clusters.logarithms(both)])
    fitted = LogisticRegression(class_weight="balanced", max_iter=2000)
    fitted.fit(columns, np.arange(len(both)) >= len(known))
    *lean, slope = fitted.coef_[0]
    return replace(
        clusters,
        lean=(SCALE * np.array(lean)).astype(np.float32),
        slope=float(slope),
        bias=float(fitted.intercept_[0]),
    )


def with_strangeness(model: keras.Model, known: Sequence[Clusters]) -> keras.Model:
    """Return a network that answers its probabilities and a strangeness for each of `known`.

    The strangeness is in [0, 1], and about a half for a known picture if there were no strangers
    to fit to. Without clusters, it is the network itself.
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
    """Return the strangeness by the squared distance to the nearest mean, and by the features.

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
    tell = keras.layers.Dense(1, "sigmoid", kernel_initializer="zeros")
    told = tell(keras.layers.Concatenate()([unit, keras.ops.log(nearest + LEAST_DISTANCE)]))
    tell.set_weights([np.append(known.lean, known.slope)[:, None], np.array([known.bias])])
    return told
