"""What a model file says about itself; `GET /model` and the model card show it."""

from itertools import pairwise
from typing import Annotated, Self

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, JsonValue, model_validator

from service.fashion_mnist import CLASS_NAMES, SCALING, Fit


class _Frozen(BaseModel):
    """Facts; an alias is a name in files of earlier versions."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Layer(_Frozen):
    """One layer of the network, as Keras lists it."""

    name: str
    type: str
    output_shape: tuple[int | None, ...]
    parameters: int


class Parameters(_Frozen):
    """Counts of the network's weights."""

    total: int
    trainable: int
    non_trainable: int


class Architecture(_Frozen):
    """The network's layers as data, and the text that Keras prints for them."""

    summary: str
    layers: tuple[Layer, ...]
    parameters: Parameters


class Measured(_Frozen):
    """Results on a set of pictures: accuracies in [0, 1], and cross-entropy in nats."""

    accuracy: float
    loss: float
    per_class: dict[str, float]


class DataSet(_Frozen):
    """What the network was trained on; `sha256` are the digests of its files."""

    name: str
    sha256: dict[str, str]
    pictures: dict[str, int]


class OutOfDistributionFacts(_Frozen):
    """The distribution of out-of-distribution scores over held-out pictures of known classes.

    Of n `quantiles`, the i-th is the score that a share i / n of them stays below. A picture is out
    of distribution if the share of lower scores exceeds `threshold`.
    """

    quantiles: tuple[Annotated[float, Field(ge=0, le=2)], ...] = Field(
        min_length=2, max_length=1000
    )
    threshold: float = Field(gt=0, lt=1)

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if not all(first <= second for first, second in pairwise(self.quantiles)):
            raise ValueError("its out-of-distribution quantiles do not rise")
        return self


class CalibrationFacts(_Frozen):
    """What was fitted on held-out pictures of one fit.

    `temperature` calibrates probabilities. `out_of_distribution` is None if the network has no
    features to compute scores from.
    """

    temperature: float = Field(default=1, ge=0.05, le=20)
    out_of_distribution: OutOfDistributionFacts | None = Field(
        default=None, validation_alias=AliasChoices("out_of_distribution", "strangers")
    )


class ConfidenceFacts(_Frozen):
    """Calibration for each fit; None if the network has not learned it."""

    exact: CalibrationFacts = Field(validation_alias=AliasChoices("exact", "genuine"))
    photo: CalibrationFacts | None = Field(
        default=None, validation_alias=AliasChoices("photo", "photograph")
    )

    def learned(self) -> dict[Fit, CalibrationFacts]:
        """Return the calibration of each fit that the network has learned."""
        found: dict[Fit, CalibrationFacts] = {"exact": self.exact}
        return {**found, "photo": self.photo} if self.photo else found


class Facts(_Frozen):
    """Everything known about a model. For a plain Keras file, most of it is None or empty."""

    architecture: Architecture
    class_names: tuple[str, ...] = CLASS_NAMES
    scaling: str = SCALING
    recipe: str | None = None
    settings: dict[str, JsonValue] = {}
    seed: int | None = None
    epochs_run: int | None = None
    data: DataSet | None = None
    metrics: dict[str, Measured] = {}
    confidence: ConfidenceFacts | None = None
    versions: dict[str, str] = {}
    created: str | None = None
