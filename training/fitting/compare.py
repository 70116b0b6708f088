"""Recipes with optimizers on the same data, as a table in Markdown."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from service.model.facts import Facts
from training.data.dataset import FashionData
from training.fitting.checkpoints import StateFolder
from training.fitting.train import fit
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
"""The options of each column of the comparison, by the name it gets there."""

ALONE: Final = ("cnn",)
"""The recipes that are compared only when they are named: each training takes many minutes."""

SETS: Final = ("train", "validation", "test")


def compare(data: FashionData, recipe: str | None = None, **given: Any) -> Iterator[str]:
    """Yield the lines of the table, each as soon as it is measured.

    One recipe or, if none is named, all but those in `ALONE`; `given` are options for all the
    trainings.
    """
    names = [recipe] if recipe else [name for name in RECIPES if name not in ALONE]
    yield f"| recipe | optimizer | epochs | {' | '.join(SETS)} |"
    yield "| --- | --- | ---: | ---: | ---: | ---: |"
    for name in names:
        for label, options in COLUMNS.items():
            facts = _train(data, {**given, **options, "recipe": name})
            accuracies = " | ".join(f"{facts.metrics[part].accuracy:.3f}" for part in SETS)
            yield f"| {name} | {label} | {facts.epochs_run} | {accuracies} |"


def _train(data: FashionData, given: dict[str, Any]) -> Facts:
    with tempfile.TemporaryDirectory() as folder:
        return fit(configure(**given), data, StateFolder(Path(folder) / "model.h5")).facts
