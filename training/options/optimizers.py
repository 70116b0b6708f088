"""Optimizers and learning rate schedules by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from training.options.config import TrainingConfig

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class Optimizer:
    """The name of Keras's class, the options that only it uses, and its own defaults."""

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


def constant(rate: float, steps: int) -> float:
    """The same learning rate in every step."""
    return rate


def cosine(rate: float, steps: int) -> keras.optimizers.schedules.LearningRateSchedule:
    """From the rate to 0 along half a cosine wave (Loshchilov and Hutter, arXiv:1608.03983)."""
    from keras.optimizers.schedules import CosineDecay

    return CosineDecay(rate, decay_steps=steps)


SCHEDULES: Final = {"constant": constant, "cosine": cosine}
"""Each takes the initial learning rate and the number of steps, and returns what Keras takes."""


def build_optimizer(config: TrainingConfig, steps: int) -> keras.Optimizer:
    """Return the optimizer of a config; its schedule spans `steps`, those of the whole training."""
    from keras import optimizers

    chosen = OPTIMIZERS[config.optimizer]
    rate = SCHEDULES[config.schedule](config.learning_rate, steps)
    own = {name: getattr(config, name) for name in chosen.uses}
    optimizer: keras.Optimizer = getattr(optimizers, chosen.keras_name)(learning_rate=rate, **own)
    return optimizer
