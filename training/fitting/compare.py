"""Trains recipes with optimizers on the same data; a table in Markdown."""

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from service.model.facts import Measured
from training.data.dataset import FashionData
from training.fitting.checkpoints import StateFolder
from training.fitting.fit import fit
from training.fitting.split import split_data
from training.options.defaults import configure
from training.options.recipes import RECIPES

COLUMNS: Final[dict[str, dict[str, Any]]] = {
    "sgd": {"optimizer": "sgd"},
    "sgd, momentum 0.9": {"optimizer": "sgd", "momentum": 0.9},
    "sgd, momentum 0.9, Nesterov": {"optimizer": "sgd", "momentum": 0.9, "nesterov": True},
    "adagrad": {"optimizer": "adagrad"},
    "rmsprop": {"optimizer": "rmsprop"},
    "adam": {"optimizer": "adam"},
}
"""The options of each column of the comparison, by its title."""

SLOW: Final = ("cnn",)
"""Recipes that are compared only if they are named: each training takes many minutes."""

SETS: Final = ("train", "validation", "test")


def compare(data: FashionData, recipe: str | None = None, **given: Any) -> Iterator[str]:
    """Yield the lines of the table, each when its training ends.

    Compares one recipe, or all but the slow ones; `given` are options for all trainings.
    """
    names = [recipe] if recipe else [name for name in RECIPES if name not in SLOW]
    yield f"| recipe | optimizer | epochs | {' | '.join(SETS)} |"
    yield "| --- | --- | ---: | ---: | ---: | ---: |"
    for name in names:
        for label, options in COLUMNS.items():
            epochs, metrics = _train(data, {**given, **options, "recipe": name})
            accuracies = " | ".join(f"{metrics[part].accuracy:.3f}" for part in SETS)
            yield f"| {name} | {label} | {epochs} | {accuracies} |"


def _train(data: FashionData, given: dict[str, Any]) -> tuple[int, Mapping[str, Measured]]:
    config = configure(**given)
    with tempfile.TemporaryDirectory() as folder:
        fitted = fit(config, split_data(config, data), StateFolder(Path(folder) / "model.h5"))
    return fitted.epochs_run, fitted.metrics
