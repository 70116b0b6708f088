"""A training, from the configuration to the model file."""

from typing import Final

from service.model.facts import DataSet, Facts
from training.confidence.fit import fit_confidence
from training.data.dataset import load
from training.fitting.checkpoints import StateFolder
from training.fitting.fit import fit
from training.fitting.split import calibration_data, split_data
from training.options.config import TrainingConfig, data_folder
from training.options.defaults import settings_in_use
from training.photographs.load import PhotographSplit, load_photographs
from training.publish import check_output, now, publish, versions

GOLDEN: Final = 64
"""Test pictures that a model file keeps as examples: 50 KB, and a full batch of the service."""


def train(config: TrainingConfig) -> Facts:
    """Train a network and write its model file; return the file's facts.

    Raises:
        FashionError: the data, an option, the output or the network cannot be used; an earlier file
            is left as it was.
    """
    check_output(config.output)
    dataset = load(*data_folder(config.data_dir), quiet=config.quiet)
    data = split_data(config, dataset, _load_photographs(config))
    state = StateFolder(config.output)
    network = fit(config, data, state)
    confidence = fit_confidence(network.model, calibration_data(data))
    facts = Facts(
        architecture=network.architecture,
        recipe=config.recipe,
        settings=settings_in_use(config),
        seed=config.seed,
        epochs_run=network.epochs_run,
        data=DataSet(name=data.name, sha256=data.sha256, pictures=data.counts()),
        metrics=network.metrics,
        confidence=confidence.facts,
        versions=versions(),
        created=now(),
    )
    golden = data.test.pixels[:GOLDEN]
    publish(network.model, facts, golden, config.output, confidence.clusters)
    state.clear()
    return facts


def _load_photographs(config: TrainingConfig) -> PhotographSplit | None:
    if config.extra_data is None:
        return None
    photographs = load_photographs(
        config.extra_data,
        config.extra_mapping,
        config.validation_share,
        config.seed,
        config.quiet,
    )
    if not config.quiet:
        print(photographs.report)
    return photographs
