"""The optimizers by name, as `training.options.recipes` has the networks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from training.options.config import TrainingConfig
from training.options.schedules import SCHEDULES

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class Optimizer:
    """Keras's class for it, which options are for it alone, and its own defaults for any option."""

    keras_name: str
    uses: tuple[str, ...] = ()
    defaults: Mapping[str, Any] = field(default_factory=dict)


OPTIMIZERS: Final = {
    "sgd": Optimizer("SGD", uses=("momentum", "nesterov"), defaults={"learning_rate": 0.01}),
    "adagrad": Optimizer("Adagrad"),
    "rmsprop": Optimizer("RMSprop"),
    "adam": Optimizer("Adam"),
    "adamw": Optimizer("AdamW", uses=("weight_decay",)),
}


def build_optimizer(config: TrainingConfig, steps: int) -> keras.Optimizer:
    """Return the optimizer that a config names, with its learning rate and what is for it.

    `steps` is how many the whole training may have: the schedule spreads over them.
    """
    from keras import optimizers

    chosen = OPTIMIZERS[config.optimizer]
    make = getattr(optimizers, chosen.keras_name)
    rate = SCHEDULES[config.schedule](config.learning_rate, steps)
    own = {name: getattr(config, name) for name in chosen.uses}
    optimizer: keras.Optimizer = make(learning_rate=rate, **own)
    return optimizer
