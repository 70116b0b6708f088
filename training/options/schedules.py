"""The course of the learning rate by name, as `training.options.recipes` has the networks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import keras


def constant(rate: float, steps: int) -> float:
    """The same rate in every step."""
    return rate


def cosine(rate: float, steps: int) -> keras.optimizers.schedules.LearningRateSchedule:
    """From the rate down to 0 along half a wave (Loshchilov and Hutter, arXiv:1608.03983)."""
    from keras.optimizers.schedules import CosineDecay

    return CosineDecay(rate, decay_steps=steps)


SCHEDULES: Final = {"constant": constant, "cosine": cosine}
"""What gives an optimizer its rate, of the first rate and of the number of steps of a training."""
