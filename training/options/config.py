"""Every option of a training with its help text; training's only reader of the environment."""

import os
from pathlib import Path
from typing import Annotated, Any, Final, Literal, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from service.errors import FashionError

SHIPPED: Final = Path("models/best-model.h5")
"""The default model file: `train` writes it, the other commands read it."""

SEGMENTER: Final = Path("service/images/photograph/segmenter.tflite")
"""Where `segmenter` writes its graph by default; the service reads it there."""

NOT_SETTINGS: Final = {"data_dir", "extra_data", "extra_mapping", "output", "quiet", "resume"}
"""Options that do not decide the weights."""

BOUNDS: Final = {"gt": "above", "ge": "at least", "lt": "below", "le": "at most"}

Share = Annotated[float, Field(ge=0, lt=1)]


class OptionRefused(FashionError):
    """An option has a value that cannot be used; the message names both and what is allowed."""


class TrainingConfig(BaseModel):
    """All options of a training; `training.options.defaults.configure` fills in what depends.

    Raises:
        OptionRefused: a value is out of its range; the message states the range.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    recipe: str = Field("dropout", description="the network")
    optimizer: str = Field("adam", description="the algorithm that updates the weights")
    learning_rate: float = Field(
        0.001, gt=0, allow_inf_nan=False, description="step size; sgd has its own default, 0.01"
    )
    momentum: Share = Field(
        0.0, description="momentum of sgd: the share of the last step that it repeats"
    )
    nesterov: bool = Field(False, description="use Nesterov momentum with sgd")
    weight_decay: Share = Field(0.004, description="weight decay of adamw")
    schedule: str = Field("constant", description="the learning rate schedule")
    average: Share = Field(
        0.0, description="decay of the moving average of the weights; 0 averages nothing"
    )
    augment: bool = Field(False, description="vary the training pictures in each epoch")
    # With fewer hidden units than outputs, ten classes would be squeezed through a bottleneck.
    # 10,000 make eight million weights, 100 MB in training: more is a typing error.
    hidden_units: int = Field(
        100, ge=11, le=10_000, description="units of the hidden layer, more than the outputs"
    )
    dropout_rate: Share = Field(0.3, description="share of units that Dropout zeroes in each step")
    epochs: int = Field(
        20, ge=1, le=10_000, description="maximum number of passes over the training pictures"
    )
    watch: Literal["loss", "accuracy"] = Field(
        "loss", description="the validation figure that early stopping and checkpoints monitor"
    )
    patience: int = Field(
        2, ge=1, le=10_000, description="epochs without improvement before training stops"
    )
    batch_size: int = Field(32, ge=1, le=60_000, description="pictures per step")
    validation_share: float = Field(
        0.2, gt=0, lt=1, description="share of the training pictures kept for validation"
    )
    # TensorFlow takes signed seeds of 32 bits.
    seed: int = Field(42, ge=0, le=2**31 - 1, description="seed of all random numbers")
    data_dir: Path | None = Field(
        None,
        description="folder of the four data files; without it FASHION_DATA_DIR or a download",
    )
    extra_data: Path | None = Field(
        None, description="folder of photographs, in sub-folders named after the classes"
    )
    extra_mapping: Path | None = Field(
        None, description="JSON file that maps sub-folders with other names to classes"
    )
    extra_share: Share = Field(0.25, description="share of photographs in each batch")
    output: Path = Field(SHIPPED, description="the model file to write")
    quiet: bool = Field(False, description="print only the result")
    resume: bool = Field(
        False, description="continue an interrupted training after its last finished epoch"
    )

    def __init__(self, **given: Any) -> None:
        try:
            super().__init__(**given)
        except ValidationError as error:
            first = error.errors()[0]
            name = str(first["loc"][0])
            raise OptionRefused(
                f"{flag(name)} must be {_allowed(name)}; {first['input']} was given."
            ) from None

    def settings(self) -> dict[str, Any]:
        """Return the options that decide the weights, by name."""
        return self.model_dump(exclude=NOT_SETTINGS)


def flag(name: str) -> str:
    """Return an option's flag: `batch_size` is `--batch-size`."""
    return "--" + name.replace("_", "-")


def data_folder(data_dir: Path | None) -> tuple[Path, bool]:
    """Return the folder of the data files, and whether to download missing files into it.

    It is the given one, else that in FASHION_DATA_DIR. Without either it is the download cache:
    FASHION_CACHE_DIR, or a folder in the user's own cache.
    """
    if data_dir:
        return data_dir, False
    if named := os.environ.get("FASHION_DATA_DIR"):
        return Path(named), False
    cache = os.environ.get("FASHION_CACHE_DIR")
    return Path(cache) if cache else Path.home() / ".cache" / "fashion-mnist-serving", True


def _allowed(name: str) -> str:
    """Return what an option may be, in words that follow "must be"."""
    field = TrainingConfig.model_fields[name]
    if get_origin(field.annotation) is Literal:
        return " or ".join(get_args(field.annotation))
    bounds = {
        key: getattr(one, key) for one in field.metadata for key in BOUNDS if hasattr(one, key)
    }
    if field.annotation is int:
        return f"a whole number from {bounds['ge']} to {bounds['le']}"
    return "a number " + " and ".join(f"{BOUNDS[key]} {bound}" for key, bound in bounds.items())
