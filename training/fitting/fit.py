"""Fits a network: the training loop, its loss, and early stopping."""

from dataclasses import dataclass
from typing import Any, Final

import keras
import numpy as np
import tensorflow as tf

from service.errors import FashionError
from service.model.facts import Architecture, Measured
from service.model_file.export import describe
from training.data.dataset import Pictures
from training.evaluation.evaluate import evaluate
from training.fitting.batches import batches, steps_per_epoch
from training.fitting.checkpoints import Snapshots, StateFolder
from training.fitting.split import DataSplit, sources, validation_data
from training.fitting.weight_average import WeightAverage
from training.options.config import TrainingConfig, flag
from training.options.optimizers import build_optimizer
from training.options.recipes import RECIPES
from training.predict import predict
from training.progress import epoch_bars, progress_bars
from training.publish import versions

VALIDATION_BATCH: Final = 1000

MODES: Final = {"loss": "min", "accuracy": "max"}
"""Which way each monitored figure is better, in Keras's words."""

MIN_PROBABILITY: Final = 1e-7
"""Smaller probabilities count as this one, as in Keras's own losses."""


class TrainingFailed(FashionError):
    """A training that led nowhere; the message says why and what to change."""


@dataclass(frozen=True)
class FittedNetwork:
    """A network with the weights of its best epoch; `metrics` by the name of the data set's part.

    The architecture is described before training: afterwards it would include the optimizer.
    """

    model: keras.Model
    architecture: Architecture
    epochs_run: int
    metrics: dict[str, Measured]


def fit(config: TrainingConfig, data: DataSplit, folder: StateFolder) -> FittedNetwork:
    """Train a network until it stops improving, and measure it on each part of the data set.

    Raises:
        ResumeRefused: the config says to resume, and the folder has no state of this training.
        TrainingFailed: the network answers NaN.
    """
    keras.utils.set_random_seed(config.seed)
    tf.config.experimental.enable_op_determinism()
    model = RECIPES[config.recipe].build(config)
    architecture = describe(model)
    epochs_run = _train(model, data, config, folder)
    metrics = {name: _measure(model, pictures) for name, pictures in data.sets.items()}
    return FittedNetwork(model, architecture, epochs_run, metrics)


def _train(model: keras.Model, data: DataSplit, config: TrainingConfig, folder: StateFolder) -> int:
    """Leave the best weights in the model; return the number of epochs that this took.

    With averaging, the averaged weights are validated, and the best of them stay.
    """
    shape = model.input_shape[1:]
    pictures = sources(data, shape, config)
    steps = steps_per_epoch(pictures, config.batch_size)
    optimizer = build_optimizer(config, config.epochs * steps)
    model.compile(optimizer, **_loss_and_metrics(data))
    monitored = {"monitor": f"val_{config.watch}", "mode": MODES[config.watch]}
    stopper = keras.callbacks.EarlyStopping(
        **monitored, patience=config.patience, restore_best_weights=True
    )
    average = WeightAverage(model, config.average)
    snapshots = Snapshots(folder, _identity(config, data), stopper, average)
    epochs = snapshots.begin(model, config.epochs, config.resume)
    checkpoint = keras.callbacks.ModelCheckpoint(
        folder.best, **monitored, save_best_only=True, initial_value_threshold=snapshots.best
    )
    with progress_bars(config.quiet) as bars:
        show = epoch_bars(bars, config.epochs, steps)
        history = model.fit(
            batches(pictures, config.batch_size, config.seed, epochs),
            initial_epoch=epochs.start,
            epochs=epochs.stop,
            steps_per_epoch=steps,
            validation_data=validation_data(data, shape),
            validation_batch_size=VALIDATION_BATCH,
            # Those before `average` see the averaged weights, those after it the trained ones.
            callbacks=[stopper, checkpoint, average, snapshots, show],
            shuffle=False,  # the batches are shuffled already
            verbose=0,
        )
    return epochs.start + len(history.epoch)


def _identity(config: TrainingConfig, data: DataSplit) -> dict[str, Any]:
    """Return all that decides the weights."""
    options = {flag(name): value for name, value in config.settings().items()}
    return {"data": data.sha256, "versions": versions(), **options}


def _loss_and_metrics(data: DataSplit) -> dict[str, Any]:
    """Return Keras's own names where they suffice: any Keras can then open the saved file."""
    if data.photographs is None:
        return {"loss": "categorical_crossentropy", "metrics": ["accuracy"]}
    return {"loss": multi_label_loss, "metrics": [multi_label_accuracy()]}


def _measure(model: keras.Model, pictures: Pictures) -> Measured:
    probabilities = predict(model, pictures.pixels)
    if not np.isfinite(probabilities).all():
        raise TrainingFailed(
            "The network answers NaN, because training diverged: train it again with a smaller "
            "--learning-rate."
        )
    return evaluate(probabilities, pictures.labels).measured()


def multi_label_loss(
    targets: "keras.KerasTensor", probabilities: "keras.KerasTensor"
) -> "keras.KerasTensor":
    """Return [n], minus the logarithm of the probability of all right classes together.

    Targets are float32[n, 10], how much each class is right. With one right class it is the
    cross-entropy.
    """
    likelihood = keras.ops.sum(targets * probabilities, axis=-1)
    return -keras.ops.log(keras.ops.maximum(likelihood, MIN_PROBABILITY))


def multi_label_accuracy() -> keras.metrics.Metric:
    """Return the share of pictures whose likeliest class has a target above 0."""
    return keras.metrics.MeanMetricWrapper(_is_right, name="accuracy")


def _is_right(
    targets: "keras.KerasTensor", probabilities: "keras.KerasTensor"
) -> "keras.KerasTensor":
    named = keras.ops.one_hot(keras.ops.argmax(probabilities, axis=-1), targets.shape[-1])
    return keras.ops.cast(keras.ops.sum(named * targets, axis=-1) > 0, "float32")
