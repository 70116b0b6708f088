"""From the options that the user gave to a complete configuration."""

from collections.abc import Mapping
from typing import Any, Final, TypeVar

from training.options.config import OptionRefused, TrainingConfig, flag
from training.options.optimizers import OPTIMIZERS, SCHEDULES, Optimizer
from training.options.recipes import RECIPES, Recipe

Entry = TypeVar("Entry")

TUNED: Final = {"learning_rate"}
"""What a recipe chose for its own optimizer, and does not suit another."""


def configure(**given: Any) -> TrainingConfig:
    """Complete the given options with defaults: the recipe's, then the optimizer's, then all.

    Raises:
        OptionRefused: an option is out of its range, or would have no effect.
    """
    plain = TrainingConfig()
    recipe = _find("recipe", RECIPES, given.get("recipe", plain.recipe))
    own_optimizer = recipe.defaults.get("optimizer", plain.optimizer)
    name = given.get("optimizer", own_optimizer)
    optimizer = _find("optimizer", OPTIMIZERS, name)
    _refuse_unused(given, RECIPES, recipe)
    _refuse_unused(given, OPTIMIZERS, optimizer)
    left_out = TUNED if name != own_optimizer else set()
    defaults = {key: value for key, value in recipe.defaults.items() if key not in left_out}
    config = TrainingConfig(**{**optimizer.defaults, **defaults, **given})
    _find("schedule", SCHEDULES, config.schedule)
    for name in ("extra_mapping", "extra_share"):
        if name in given and config.extra_data is None:
            raise OptionRefused(f"{flag(name)} would have no effect without --extra-data.")
    if config.nesterov and not config.momentum:
        raise OptionRefused("--nesterov needs a momentum: give --momentum too.")
    return config


def settings_in_use(config: TrainingConfig) -> dict[str, Any]:
    """Return the options that decided the weights, without those that had no effect."""
    unused = _unused(RECIPES, RECIPES[config.recipe])
    unused |= _unused(OPTIMIZERS, OPTIMIZERS[config.optimizer])
    if config.extra_data is None:
        unused |= {"extra_share"}
    return {name: value for name, value in config.settings().items() if name not in unused}


def _find(kind: str, table: Mapping[str, Entry], name: str) -> Entry:
    if name not in table:
        raise OptionRefused(f"--{kind} must be one of {', '.join(table)}; {name} was given.")
    return table[name]


def _refuse_unused(
    given: Mapping[str, Any], table: Mapping[str, Recipe | Optimizer], chosen: Recipe | Optimizer
) -> None:
    for name in sorted(_unused(table, chosen) & given.keys()):
        users = [key for key, entry in table.items() if name in entry.uses]
        raise OptionRefused(f"{flag(name)} would have no effect: it is for {', '.join(users)}.")


def _unused(table: Mapping[str, Recipe | Optimizer], chosen: Recipe | Optimizer) -> set[str]:
    """Return the options that other entries of a table use, but not the chosen one."""
    return {name for entry in table.values() for name in entry.uses} - set(chosen.uses)
