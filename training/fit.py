"""The story of a training, top to bottom."""

from dataclasses import dataclass
from math import ceil
from typing import Any, Final

import keras
import tensorflow as tf

from service.fashion import Rows, to_rows
from service.model.export import describe
from service.model.facts import DataSet, Facts
from training.batches import batches
from training.config import TrainingConfig, flag
from training.configure import settings_in_use
from training.data import FashionData, Labels, Pictures, load, split
from training.evaluate import evaluate
from training.optimizers import build_optimizer
from training.progress import EpochBars, progress_bars
from training.publish import check_output, now, publish, versions
from training.recipes import RECIPES
from training.resume import Snapshots, StateFolder

GOLDEN: Final = 64
"""How many test pictures a model file keeps as examples: 50 KB, and a full batch of them."""

VALIDATION_BATCH: Final = 1000


@dataclass(frozen=True)
class Fitted:
    """A network with the weights of its best epoch, and what is known about it."""

    model: keras.Model
    facts: Facts


def train(config: TrainingConfig) -> Facts:
    """Train a network and put its file in place; return what the file says about itself.

    Raises:
        FashionError: the data, an option, the output or the network will not do; an earlier file
            is then as it was.
    """
    check_output(config.output)
    data = load(config.data_dir, config.quiet)
    folder = StateFolder(config.output)
    fitted = fit(config, data, folder)
    publish(fitted.model, fitted.facts, data.test.pixels[:GOLDEN], config.output)
    folder.clear()
    return fitted.facts


def fit(config: TrainingConfig, data: FashionData, folder: StateFolder) -> Fitted:
    """Let a network learn until it gets no better, and measure it on each set of pictures.

    Raises:
        OptionRefused: the validation share leaves too few pictures.
        ResumeRefused: the config says to resume, and the folder has no state of this training.
        TrainingFailed: the network answers with what is not a number.
    """
    learning, validation = split(data.train, config.validation_share, config.seed)
    keras.utils.set_random_seed(config.seed)
    tf.config.experimental.enable_op_determinism()
    model = RECIPES[config.recipe].build(config)
    architecture = describe(model)
    model.compile(
        optimizer=build_optimizer(config),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    identity = {"data": data.sha256, "versions": versions()}
    identity |= {flag(name): value for name, value in config.settings().items()}
    epochs_run = learn(model, learning, validation, config, folder, identity)
    sets = {"train": learning, "validation": validation, "test": data.test}
    facts = Facts(
        architecture=architecture,
        recipe=config.recipe,
        settings=settings_in_use(config),
        seed=config.seed,
        epochs_run=epochs_run,
        data=DataSet(
            name=data.name,
            sha256=data.sha256,
            pictures={name: len(pictures) for name, pictures in sets.items()},
        ),
        metrics={name: evaluate(model, pictures).measured() for name, pictures in sets.items()},
        versions=versions(),
        created=now(),
    )
    return Fitted(model, facts)


def learn(
    model: keras.Model,
    learning: Pictures,
    validation: Pictures,
    config: TrainingConfig,
    folder: StateFolder,
    identity: dict[str, Any],
) -> int:
    """Fit, stop early, leave the best weights in the model; return how many epochs that took."""
    stopper = keras.callbacks.EarlyStopping(
        monitor="val_loss", patience=config.patience, restore_best_weights=True
    )
    snapshots = Snapshots(folder, identity, stopper)
    epochs = snapshots.begin(model, config.epochs, config.resume)
    checkpoint = keras.callbacks.ModelCheckpoint(
        folder.best,
        monitor="val_loss",
        save_best_only=True,
        initial_value_threshold=snapshots.best,  # else a worse epoch would overwrite a better one
    )
    rows, labels = _as_input(model, learning)
    with progress_bars(config.quiet) as bars:
        history = model.fit(
            batches(rows, labels, config.batch_size, config.seed, epochs),
            initial_epoch=epochs.start,
            epochs=epochs.stop,
            steps_per_epoch=ceil(len(labels) / config.batch_size),
            validation_data=_as_input(model, validation),
            validation_batch_size=VALIDATION_BATCH,
            callbacks=[stopper, checkpoint, snapshots, EpochBars(bars, config.epochs)],
            shuffle=False,  # the batches come in their order already
            verbose=0,
        )
    return epochs.start + len(history.epoch)


def _as_input(model: keras.Model, pictures: Pictures) -> tuple[Rows, Labels]:
    """Return the numbers in the shape that the network itself takes, and the labels."""
    return to_rows(pictures.pixels).reshape(-1, *model.input_shape[1:]), pictures.labels
