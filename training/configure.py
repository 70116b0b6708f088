"""From the options that a person gave to a whole configuration."""

from collections.abc import Mapping
from typing import Any, TypeVar

from training.config import OptionRefused, TrainingConfig, flag
from training.optimizers import OPTIMIZERS, Optimizer
from training.recipes import RECIPES, Recipe

Entry = TypeVar("Entry", Recipe, Optimizer)


def configure(**given: Any) -> TrainingConfig:
    """Fill up the given options with the defaults of the recipe, of the optimizer, and of all.

    Raises:
        OptionRefused: an option is out of its range, or would be ignored by what was chosen.
    """
    plain = TrainingConfig()
    recipe = _find("recipe", RECIPES, given.get("recipe", plain.recipe))
    name = given.get("optimizer", recipe.defaults.get("optimizer", plain.optimizer))
    optimizer = _find("optimizer", OPTIMIZERS, name)
    _refuse_what_is_ignored(given, RECIPES, recipe)
    _refuse_what_is_ignored(given, OPTIMIZERS, optimizer)
    config = TrainingConfig(**{**optimizer.defaults, **recipe.defaults, **given})
    if config.nesterov and not config.momentum:
        raise OptionRefused("--nesterov looks ahead along the momentum: give --momentum too.")
    return config


def settings_in_use(config: TrainingConfig) -> dict[str, Any]:
    """Return the options that decided the weights, without those that had no effect."""
    ignored = _ignored(RECIPES, RECIPES[config.recipe])
    ignored |= _ignored(OPTIMIZERS, OPTIMIZERS[config.optimizer])
    return {name: value for name, value in config.settings().items() if name not in ignored}


def _find(kind: str, table: Mapping[str, Entry], name: str) -> Entry:
    if name not in table:
        raise OptionRefused(f"--{kind} must be one of {', '.join(table)}; {name} was given.")
    return table[name]


def _refuse_what_is_ignored(
    given: Mapping[str, Any], table: Mapping[str, Recipe | Optimizer], chosen: Recipe | Optimizer
) -> None:
    for name in sorted(_ignored(table, chosen) & given.keys()):
        users = [key for key, entry in table.items() if name in entry.uses]
        raise OptionRefused(f"{flag(name)} would have no effect: it is for {', '.join(users)}.")


def _ignored(table: Mapping[str, Recipe | Optimizer], chosen: Recipe | Optimizer) -> set[str]:
    """Return the options that are for some entry of a table, but not for the chosen one."""
    return {name for entry in table.values() for name in entry.uses} - set(chosen.uses)
