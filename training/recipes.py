"""The networks by name. To add one, write its function and name it in the table.

Keras takes seconds to import, so each function imports it: `--help` needs the names alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from service.fashion import CLASS_NAMES, ROW, SIDE
from training.config import TrainingConfig

if TYPE_CHECKING:
    import keras

OUTPUTS: Final = len(CLASS_NAMES)


def softmax(config: TrainingConfig) -> keras.Model:
    """784 numbers in, one dense softmax layer: ten weighted sums of pixels that compete."""
    from keras import Input, Sequential, layers

    return Sequential(
        [
            Input((ROW,), name="image"),
            layers.Dense(OUTPUTS, activation="softmax", name="probabilities"),
        ],
        name="softmax",
    )


def sigmoid(config: TrainingConfig) -> keras.Model:
    """784 numbers in, one hidden layer of sigmoid units, ten softmax outputs."""
    from keras import Input, Sequential, layers

    return Sequential(
        [
            Input((ROW,), name="image"),
            layers.Dense(config.hidden_units, activation="sigmoid", name="hidden"),
            layers.Dense(OUTPUTS, activation="softmax", name="probabilities"),
        ],
        name="sigmoid",
    )


def relu(config: TrainingConfig) -> keras.Model:
    """A picture of 28×28 in, flattened, one hidden layer of relu units, ten softmax outputs."""
    from keras import Input, Sequential, layers

    return Sequential(
        [
            Input((SIDE, SIDE), name="image"),
            layers.Flatten(name="flatten"),
            layers.Dense(config.hidden_units, activation="relu", name="hidden"),
            layers.Dense(OUTPUTS, activation="softmax", name="probabilities"),
        ],
        name="relu",
    )


def dropout(config: TrainingConfig) -> keras.Model:
    """As `relu`, with a share of the hidden units left out at random in each training step."""
    from keras import Input, Sequential, layers

    return Sequential(
        [
            Input((SIDE, SIDE), name="image"),
            layers.Flatten(name="flatten"),
            layers.Dense(config.hidden_units, activation="relu", name="hidden"),
            layers.Dropout(config.dropout_rate, name="dropout"),
            layers.Dense(OUTPUTS, activation="softmax", name="probabilities"),
        ],
        name="dropout",
    )


@dataclass(frozen=True)
class Recipe:
    """How a network is built, which options are for it, and its own defaults for any option."""

    build: Callable[[TrainingConfig], keras.Model]
    uses: tuple[str, ...] = ()
    defaults: Mapping[str, Any] = field(default_factory=dict)


RECIPES: Final = {
    "softmax": Recipe(softmax),
    "sigmoid": Recipe(sigmoid, uses=("hidden_units",)),
    "relu": Recipe(relu, uses=("hidden_units",)),
    "dropout": Recipe(dropout, uses=("hidden_units", "dropout_rate")),
}
