"""Every knob of a training, with its help sentence; training's only reader of the environment."""

import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields
from math import inf
from pathlib import Path
from typing import Any, Final

from service.errors import FashionError

SHIPPED: Final = Path("models/best-model.h5")
"""Where the trained model goes, and which one is looked at, if nothing else is said."""

SEGMENTER: Final = Path("service/images/photograph/segmenter.tflite")
"""Where the network goes that finds the garment in a photograph; the service has it there."""

WATCHED: Final = {"loss": "min", "accuracy": "max"}
"""What of the validation pictures can be watched, and which way is better, in Keras's words."""

_NOT_SETTINGS: Final = ("data_dir", "extra_data", "extra_mapping", "output", "quiet", "resume")
"""Options that say where and how to work, and leave the weights as they are."""


class OptionRefused(FashionError):
    """An option of a command that cannot be taken; the message names it and what it must be."""


@dataclass(frozen=True)
class Option:
    """How one option is read from text, explained and checked; `rule` completes "must be"."""

    help: str
    kind: Callable[[str], Any]
    rule: str = ""
    allows: Callable[[Any], bool] = lambda value: True


def _about(help: str, kind: Callable[[str], Any], **check: Any) -> dict[str, Option]:
    return {"option": Option(help, kind, **check)}


def _whole(low: int, high: int, help: str) -> dict[str, Option]:
    rule = f"a whole number from {low} to {high}"
    return _about(help, int, rule=rule, allows=lambda value: low <= value <= high)


def _share(help: str) -> dict[str, Option]:
    return _about(help, float, rule="at least 0 and below 1", allows=lambda value: 0 <= value < 1)


@dataclass(frozen=True)
class TrainingConfig:
    """What a training is told; `training.options.defaults` builds one from what a person gave.

    Raises:
        OptionRefused: a value outside its range; the sentence says which is allowed.
    """

    recipe: str = field(default="dropout", metadata=_about("the network", str))
    optimizer: str = field(default="adam", metadata=_about("how weights are moved", str))
    learning_rate: float = field(
        default=0.001,
        metadata=_about(
            "step size; sgd has its own default, 0.01",
            float,
            rule="a finite number above 0",
            allows=lambda value: 0 < value < inf,
        ),
    )
    momentum: float = field(default=0.0, metadata=_share("share of its last step that sgd repeats"))
    nesterov: bool = field(
        default=False, metadata=_about("let sgd look ahead along its momentum", bool)
    )
    weight_decay: float = field(
        default=0.004, metadata=_share("share of each weight that adamw takes off, times the rate")
    )
    schedule: str = field(
        default="constant", metadata=_about("the course of the learning rate", str)
    )
    average: float = field(
        default=0.0,
        metadata=_share("share of the averaged weights kept in each step; 0 averages nothing"),
    )
    augment: bool = field(
        default=False, metadata=_about("change the pictures a little, anew in each epoch", bool)
    )
    # With fewer hidden units than outputs, ten classes would be squeezed through a bottleneck.
    # 10,000 make eight million weights, 100 MB in training: more is a slip of the finger.
    hidden_units: int = field(
        default=100, metadata=_whole(11, 10_000, "units of the hidden layer, more than the outputs")
    )
    dropout_rate: float = field(
        default=0.3, metadata=_share("share of hidden units left out of each training step")
    )
    epochs: int = field(
        default=20, metadata=_whole(1, 10_000, "most passes over the training pictures")
    )
    watch: str = field(
        default="loss",
        metadata=_about(
            "what early stopping and checkpointing watch on the validation pictures",
            str,
            rule=" or ".join(WATCHED),
            allows=lambda value: value in WATCHED,
        ),
    )
    patience: int = field(
        default=2, metadata=_whole(1, 10_000, "epochs without a better one to wait for")
    )
    batch_size: int = field(default=32, metadata=_whole(1, 60_000, "pictures per step"))
    validation_share: float = field(
        default=0.2,
        metadata=_about(
            "share of the training pictures kept aside to judge by",
            float,
            rule="above 0 and below 1",
            allows=lambda value: 0 < value < 1,
        ),
    )
    # TensorFlow takes seeds of 32 bits with a sign.
    seed: int = field(default=42, metadata=_whole(0, 2**31 - 1, "what all chance is drawn from"))
    data_dir: Path | None = field(
        default=None,
        metadata=_about("folder of the four data files, else FASHION_DATA_DIR or a download", Path),
    )
    extra_data: Path | None = field(
        default=None,
        metadata=_about("folder of photographs, in sub-folders named after the classes", Path),
    )
    extra_mapping: Path | None = field(
        default=None,
        metadata=_about("JSON file that says what sub-folders of other names show", Path),
    )
    extra_share: float = field(
        default=0.25, metadata=_share("share of each batch that is extra photographs")
    )
    output: Path = field(default=SHIPPED, metadata=_about("the model file to write", Path))
    quiet: bool = field(default=False, metadata=_about("print the result alone", bool))
    resume: bool = field(
        default=False, metadata=_about("go on after the last finished epoch of a cut-off run", bool)
    )

    def __post_init__(self) -> None:
        """Refuse what no training could work with."""
        for name, option in options().items():
            value = getattr(self, name)
            if not option.allows(value):
                raise OptionRefused(f"{flag(name)} must be {option.rule}; {value} was given.")

    def settings(self) -> dict[str, Any]:
        """Return the options that decide the weights, by name."""
        return {k: v for k, v in asdict(self).items() if k not in _NOT_SETTINGS}


def options() -> dict[str, Option]:
    """Return every option by name, in the order of `TrainingConfig`'s fields."""
    return {field.name: field.metadata["option"] for field in fields(TrainingConfig)}


def flag(name: str) -> str:
    """Return an option's flag: `batch_size` is `--batch-size`."""
    return "--" + name.replace("_", "-")


def data_dir(environment: Mapping[str, str] = os.environ) -> Path | None:
    """Return the folder of data files that FASHION_DATA_DIR names, if it does."""
    named = environment.get("FASHION_DATA_DIR")
    return Path(named) if named else None


def cache_dir(environment: Mapping[str, str] = os.environ) -> Path:
    """Return the folder for downloads: FASHION_CACHE_DIR, or one in the user's own cache."""
    named = environment.get("FASHION_CACHE_DIR")
    return Path(named) if named else Path.home() / ".cache" / "fashion-mnist-serving"
