"""From the options that a person gave to a whole configuration."""

from collections.abc import Mapping
from typing import Any, Final, TypeVar

from training.options.config import OptionRefused, TrainingConfig, flag
from training.options.optimizers import OPTIMIZERS, Optimizer
from training.options.recipes import RECIPES, Recipe
from training.options.schedules import SCHEDULES

Entry = TypeVar("Entry")

FOR_ITS_OPTIMIZER: Final = ("learning_rate",)
"""What a recipe has chosen for its own optimizer, and would be wrong with another."""


def configure(**given: Any) -> TrainingConfig:
    """Fill up the given options with the defaults of the recipe, of the optimizer, and of all.

    Raises:
        OptionRefused: an option is out of its range, or would be ignored by what was chosen.
    """
    plain = TrainingConfig()
    recipe = _find("recipe", RECIPES, given.get("recipe", plain.recipe))
    usual = recipe.defaults.get("optimizer", plain.optimizer)
    name = given.get("optimizer", usual)
    optimizer = _find("optimizer", OPTIMIZERS, name)
    _refuse_what_is_ignored(given, RECIPES, recipe)
    _refuse_what_is_ignored(given, OPTIMIZERS, optimizer)
    wrong = FOR_ITS_OPTIMIZER if name != usual else ()
    own = {key: value for key, value in recipe.defaults.items() if key not in wrong}
    config = TrainingConfig(**{**optimizer.defaults, **own, **given})
    _find("schedule", SCHEDULES, config.schedule)
    for name in ("extra_mapping", "extra_share"):
        if name in given and config.extra_data is None:
            raise OptionRefused(f"{flag(name)} would have no effect without --extra-data.")
    if config.nesterov and not config.momentum:
        raise OptionRefused("--nesterov looks ahead along the momentum: give --momentum too.")
    return config


def settings_in_use(config: TrainingConfig) -> dict[str, Any]:
    """Return the options that decided the weights, without those that had no effect."""
    ignored = _ignored(RECIPES, RECIPES[config.recipe])
    ignored |= _ignored(OPTIMIZERS, OPTIMIZERS[config.optimizer])
    if config.extra_data is None:
        ignored |= {"extra_share"}
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
