"""Out-of-distribution scores: how far a picture lies from those that a network was trained on.

The score is the Mahalanobis distance of normalised features to the nearest class mean, with one
covariance for all classes: Müller and Hein, "Mahalanobis++: improving OOD detection via feature
normalization", ICML 2025, arXiv:2505.18032, after Lee, Lee, Lee and Shin, arXiv:1807.03888. Where
out-of-distribution pictures are available, a logistic regression on the features and the distance
takes its place, as Lee et al. weigh their distances (section 2.3).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import keras
import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from service.fashion_mnist import CLASS_NAMES, Pixels, Rows
from training.predict import predict

SHRINKAGE: Final = 0.01
"""Share of the covariance that is the same in all directions.

Without it, float32 is too coarse for directions that hardly vary."""

MIN_VARIANCE: Final = 1e-9

MIN_DISTANCE: Final = 1e-6
"""Added to mean squared distances, so that their logarithms are finite."""

FEATURE_SCALE: Final = 10.0
"""Factor of features of unit length, so that they vary as much as the logarithms do."""

Classes = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Clusters:
    """Gaussians of the features of known pictures, one for each class, and how to score by them.

    `whitening`, float32[k, k], makes the features' covariance the identity; `middle`, float32[k],
    is the whitened mean over classes, and `means`, float32[c, k], those of the classes from there.
    The score is the logistic function of `slope` times the logarithm of the distance, plus the
    features times `weights`, float32[k], plus `bias`. By default it is d / (1 + d) for distance d.
    """

    whitening: Rows
    middle: Rows
    means: Rows
    weights: Rows
    slope: float = 1.0
    bias: float = 0.0

    def log_distances(self, features: Rows) -> Rows:
        """Return [n], the logarithm of the distance of features [n, k] to the nearest mean."""
        white = features @ self.whitening - self.middle
        squares = ((white[:, None] - self.means) ** 2).sum(axis=2)
        nearest: Rows = np.log(squares.min(axis=1) / self.means.shape[1] + MIN_DISTANCE)
        return nearest


def feature_layer(model: keras.Model) -> keras.KerasTensor | None:
    """Return the input of a network's last dense layer, or None if no weights come before it."""
    last = model.layers[-1]
    if not isinstance(last, keras.layers.Dense) or last.units != len(CLASS_NAMES):
        return None
    learned = keras.Model(model.inputs[0], last.input).count_params() > 0
    return last.input if learned and len(last.input.shape) == 2 else None


def unit_features(model: keras.Model, pixels: Pixels) -> Rows | None:
    """Return the features of pictures uint8[n, 28, 28], each of unit length: float32[n, k]."""
    features = feature_layer(model)
    if features is None:
        return None
    return predict(keras.Model(model.inputs[0], keras.layers.UnitNormalization()(features)), pixels)


def fit_clusters(features: Rows, classes: Classes) -> Clusters:
    """Fit to features float32[n, k] of unit length and the class of each, int[n]."""
    exact = features.astype(np.float64)
    present, place = np.unique(classes, return_inverse=True)
    means = np.stack([exact[classes == one].mean(axis=0) for one in present])
    variances, directions = np.linalg.eigh(np.cov((exact - means[place]).T))
    shrunk = (1 - SHRINKAGE) * variances + SHRINKAGE * variances.mean()
    whitening = directions / np.sqrt(np.maximum(shrunk, MIN_VARIANCE))
    middle = means.mean(axis=0) @ whitening
    parts = (whitening, middle, means @ whitening - middle, np.zeros(len(middle)))
    whitening, middle, means, weights = (part.astype(np.float32) for part in parts)
    return Clusters(whitening, middle, means, weights)


def fit_outliers(clusters: Clusters, known: Rows, outliers: Rows) -> Clusters:
    """Return clusters that also score by what tells some outliers from known pictures.

    Both are features float32[n, k] of unit length. Both groups weigh the same, whatever their size.
    """
    both = np.concatenate([known, outliers])
    columns = np.column_stack([FEATURE_SCALE * both, clusters.log_distances(both)])
    fitted = LogisticRegression(class_weight="balanced", max_iter=2000)
    fitted.fit(columns, np.arange(len(both)) >= len(known))
    *weights, slope = fitted.coef_[0]
    return replace(
        clusters,
        weights=(FEATURE_SCALE * np.array(weights)).astype(np.float32),
        slope=float(slope),
        bias=float(fitted.intercept_[0]),
    )


def with_ood_scores(model: keras.Model, clusters: Sequence[Clusters]) -> keras.Model:
    """Return a network that also outputs a score in [0, 1] for each entry of `clusters`.

    Without clusters, it is the network itself.
    """
    if not clusters:
        return model
    inputs = keras.Input(model.input_shape[1:], name="image")
    both = keras.Model(model.inputs[0], [model.outputs[0], feature_layer(model)])
    probabilities, features = both(inputs)
    unit = keras.layers.UnitNormalization()(features)
    columns = [_score(unit, one) for one in clusters]
    return keras.Model(inputs, keras.layers.Concatenate()([probabilities, *columns]))


def _score(unit: keras.KerasTensor, clusters: Clusters) -> keras.KerasTensor:
    """Return the score [n, 1] of features of unit length [n, k], in two-dimensional tensors.

    LiteRT gives wrong answers at some batch sizes if pictures and means are broadcast in three
    dimensions, so the squared distances are multiplied out.
    """
    classes, count = clusters.means.shape
    whiten = keras.layers.Dense(count, kernel_initializer="zeros")
    white = whiten(unit)
    whiten.set_weights([clusters.whitening, -clusters.middle])
    toward = keras.layers.Dense(classes, kernel_initializer="zeros")
    squares = toward(white) + keras.ops.sum(keras.ops.square(white), axis=1, keepdims=True)
    toward.set_weights([-2 * clusters.means.T, (clusters.means**2).sum(axis=1)])
    nearest = keras.ops.relu(keras.ops.min(squares, axis=1, keepdims=True)) / count
    logistic = keras.layers.Dense(1, "sigmoid", kernel_initializer="zeros")
    logarithm = keras.ops.log(nearest + MIN_DISTANCE)
    score = logistic(keras.layers.Concatenate()([unit, logarithm]))
    logistic.set_weights(
        [np.append(clusters.weights, clusters.slope)[:, None], np.array([clusters.bias])]
    )
    return score
