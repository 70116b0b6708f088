"""The networks by name. To add one, write a function and add it to the table.

Each function imports Keras, which takes seconds: `--help` needs only the names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from service.fashion_mnist import CLASS_NAMES, ROW, SIDE
from training.options.config import TrainingConfig

if TYPE_CHECKING:
    import keras

WIDTHS: Final = ((24,), (32, 32), (64, 64), (144, 144))
"""Filters of each convolution of `cnn`, by group; pooling halves the picture between groups."""


def softmax(config: TrainingConfig) -> keras.Model:
    """Take 784 numbers; one dense softmax layer."""
    return _network("softmax", (ROW,))


def sigmoid(config: TrainingConfig) -> keras.Model:
    """Take 784 numbers; one hidden layer of sigmoid units, ten softmax outputs."""
    from keras import layers

    return _network("sigmoid", (ROW,), layers.Dense(config.hidden_units, "sigmoid", name="hidden"))


def relu(config: TrainingConfig) -> keras.Model:
    """Take a picture of 28×28, flattened; one hidden layer of relu units, ten softmax outputs."""
    return _network("relu", (SIDE, SIDE), *_hidden(config))


def dropout(config: TrainingConfig) -> keras.Model:
    """As `relu`, with Dropout after the hidden layer."""
    from keras import layers

    hidden = _hidden(config)
    dropped = layers.Dropout(config.dropout_rate, name="dropout")
    return _network("dropout", (SIDE, SIDE), *hidden, dropped)


def cnn(config: TrainingConfig) -> keras.Model:
    """Take a picture of 28×28; four groups of convolutions, global average, ten softmax outputs.

    3×3 convolutions with batch normalisation and max pooling between the groups (Simonyan and
    Zisserman, arXiv:1409.1556; Ioffe and Szegedy, arXiv:1502.03167), then global average pooling
    (Lin, Chen and Yan, arXiv:1312.4400) in the layer `features`.
    """
    from keras import layers

    stack = [layers.Reshape((SIDE, SIDE, 1), name="picture")]
    for group, widths in enumerate(WIDTHS, start=1):
        for place, width in enumerate(widths, start=1):
            halved = place == len(widths) and group < len(WIDTHS)
            stack += _convolution(width, f"{group}{'abc'[place - 1]}", halved)
    stack += [
        layers.GlobalAveragePooling2D(name="features"),
        layers.Dropout(config.dropout_rate, name="dropout"),
    ]
    return _network("cnn", (SIDE, SIDE), *stack)


def _network(name: str, shape: tuple[int, ...], *hidden: keras.Layer) -> keras.Model:
    """Return an input, the given layers, and ten softmax outputs, in a row."""
    from keras import Input, Sequential, layers

    outputs = layers.Dense(len(CLASS_NAMES), "softmax", name="probabilities")
    return Sequential([Input(shape, name="image"), *hidden, outputs], name=name)


def _hidden(config: TrainingConfig) -> list[keras.Layer]:
    from keras import layers

    return [
        layers.Flatten(name="flatten"),
        layers.Dense(config.hidden_units, "relu", name="hidden"),
    ]


def _convolution(width: int, name: str, halved: bool) -> list[keras.Layer]:
    """Return a convolution with pooling if `halved`, batch normalisation and relu.

    Pooling first leaves a quarter of the values to normalise: a step takes a fifth less time.
    """
    from keras import layers

    convolution = layers.Conv2D(
        width,
        3,
        padding="same",
        use_bias=False,  # batch normalisation adds one
        kernel_initializer="he_normal",
        name=f"convolution{name}",
    )
    return [
        convolution,
        *([layers.MaxPooling2D(name=f"halving{name}")] if halved else []),
        # Keras's default, 0.99, would need hundreds of steps to forget the initial statistics.
        layers.BatchNormalization(momentum=0.9, name=f"normalisation{name}"),
        layers.ReLU(name=f"relu{name}"),
    ]


@dataclass(frozen=True)
class Recipe:
    """How to build a network, the options that only some recipes use, and its own defaults."""

    build: Callable[[TrainingConfig], keras.Model]
    uses: tuple[str, ...] = ()
    defaults: Mapping[str, Any] = field(default_factory=dict)


RECIPES: Final = {
    "softmax": Recipe(softmax),
    "sigmoid": Recipe(sigmoid, uses=("hidden_units",)),
    "relu": Recipe(relu, uses=("hidden_units",)),
    "dropout": Recipe(dropout, uses=("hidden_units", "dropout_rate")),
    "cnn": Recipe(
        cnn,
        uses=("dropout_rate",),
        defaults={
            "optimizer": "adamw",
            "learning_rate": 0.002,
            "weight_decay": 0.05,
            "schedule": "cosine",
            "average": 0.998,
            "augment": True,
            "epochs": 40,
            "watch": "accuracy",
            "patience": 20,
            "batch_size": 128,
            "validation_share": 0.1,
        },
    ),
}
