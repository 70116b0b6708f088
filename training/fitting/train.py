"""The story of a training, top to bottom."""

from dataclasses import dataclass
from typing import Any, Final

import keras
import tensorflow as tf

from service.model.facts import DataSet, Facts
from service.model_file.export import describe
from training.confidence.fit import fit_confidence
from training.data.dataset import FashionData, load
from training.evaluation.evaluate import evaluate
from training.fitting import loss
from training.fitting.batches import batches, steps_per_epoch
from training.fitting.checkpoints import Snapshots, StateFolder
from training.fitting.split import Lesson, make_lesson, sources, validation_data
from training.fitting.weight_average import Average
from training.options.config import WATCHED, TrainingConfig, flag
from training.options.defaults import settings_in_use
from training.options.optimizers import build_optimizer
from training.options.recipes import RECIPES
from training.photographs.load import Extra, load_extra
from training.progress import EpochBars, progress_bars
from training.publish import check_output, now, publish, versions

GOLDEN: Final = 64
"""How many test pictures a model file keeps as examples: 50 KB, and a full batch of them."""

VALIDATION_BATCH: Final = 1000


@dataclass(frozen=True)
class Fitted:
    """A network with the weights of its best epoch, and what is known about it."""

    model: keras.Model
    facts: Facts
    lesson: Lesson


def train(config: TrainingConfig) -> Facts:
    """Train a network and put its file in place; return what the file says about itself.

    Raises:
        FashionError: the data, an option, the output or the network will not do; an earlier file
            is then as it was.
    """
    check_output(config.output)
    data = load(config.data_dir, config.quiet)
    extra = _load_extra(config)
    folder = StateFolder(config.output)
    fitted = fit(config, data, folder, extra)
    confidence = fit_confidence(fitted.model, fitted.lesson.known())
    facts = fitted.facts.model_copy(update={"confidence": confidence.facts})
    golden = data.test.pixels[:GOLDEN]
    publish(fitted.model, facts, golden, config.output, confidence.clusters)
    folder.clear()
    return facts


def _load_extra(config: TrainingConfig) -> Extra | None:
    if config.extra_data is None:
        return None
    extra = load_extra(
        config.extra_data,
        config.extra_mapping,
        config.validation_share,
        config.seed,
        config.quiet,
    )
    if not config.quiet:
        print(extra.report)
    return extra


def fit(
    config: TrainingConfig, data: FashionData, folder: StateFolder, extra: Extra | None = None
) -> Fitted:
    """Let a network learn until it gets no better, and measure it on each set of pictures.

    Raises:
        OptionRefused: the validation share leaves too few pictures.
        ResumeRefused: the config says to resume, and the folder has no state of this training.
        TrainingFailed: the network answers with what is not a number.
    """
    lesson = make_lesson(config, data, extra)
    keras.utils.set_random_seed(config.seed)
    tf.config.experimental.enable_op_determinism()
    model = RECIPES[config.recipe].build(config)
    architecture = describe(model)
    sha256 = data.sha256 | lesson.sha256
    identity = {"data": sha256, "versions": versions()}
    identity |= {flag(name): value for name, value in config.settings().items()}
    epochs_run = learn(model, lesson, config, folder, identity)
    sets = {"train": lesson.learning, "validation": lesson.validation, "test": data.test}
    facts = Facts(
        architecture=architecture,
        recipe=config.recipe,
        settings=settings_in_use(config),
        seed=config.seed,
        epochs_run=epochs_run,
        data=DataSet(
            name=data.name, sha256=sha256, pictures={**lesson.pictures, "test": len(data.test)}
        ),
        metrics={name: evaluate(model, pictures).measured() for name, pictures in sets.items()},
        versions=versions(),
        created=now(),
    )
    return Fitted(model, facts, lesson)


def learn(
    model: keras.Model,
    lesson: Lesson,
    config: TrainingConfig,
    folder: StateFolder,
    identity: dict[str, Any],
) -> int:
    """Fit, stop early, leave the best weights in the model; return how many epochs that took.

    With averaging, the averaged weights are judged, and the best of them are those left.
    """
    shape = model.input_shape[1:]
    given = sources(lesson, shape, config)
    steps = steps_per_epoch(given, config.batch_size)
    optimizer = build_optimizer(config, config.epochs * steps)
    loss, accuracy = _measures(lesson)
    model.compile(optimizer, loss, metrics=[accuracy])
    watched = {"monitor": f"val_{config.watch}", "mode": WATCHED[config.watch]}
    stopper = keras.callbacks.EarlyStopping(
        **watched, patience=config.patience, restore_best_weights=True
    )
    average = Average(model, config.average)
    snapshots = Snapshots(folder, identity, stopper, average)
    epochs = snapshots.begin(model, config.epochs, config.resume)
    checkpoint = _checkpoint(folder, snapshots, watched)
    with progress_bars(config.quiet) as bars:
        history = model.fit(
            batches(given, config.batch_size, config.seed, epochs),
            initial_epoch=epochs.start,
            epochs=epochs.stop,
            steps_per_epoch=steps,
            validation_data=validation_data(lesson, shape),
            validation_batch_size=VALIDATION_BATCH,
            # The first two see the average, the snapshot is of what goes on learning.
            callbacks=[stopper, checkpoint, average, snapshots, EpochBars(bars, config.epochs)],
            shuffle=False,  # the batches come in their order already
            verbose=0,
        )
    return epochs.start + len(history.epoch)


def _measures(lesson: Lesson) -> tuple[Any, Any]:
    """Return loss and accuracy: Keras's own where they will do, for any Keras opens these files."""
    if lesson.extra is None:
        return "categorical_crossentropy", "accuracy"
    return loss.loss, loss.accuracy()


def _checkpoint(
    folder: StateFolder, snapshots: Snapshots, watched: dict[str, str]
) -> keras.callbacks.ModelCheckpoint:
    """Return what keeps the best epoch's network, better than the best before a resume."""
    return keras.callbacks.ModelCheckpoint(
        folder.best,
        **watched,
        save_best_only=True,
        initial_value_threshold=snapshots.best,  # else a worse epoch would overwrite a better one
    )
