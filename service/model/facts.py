"""What a model file says about itself; `GET /model` shows it and the model card is made from it."""

from itertools import pairwise
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

from service.fashion_mnist import CLASS_NAMES, SCALING

Route = Literal["genuine", "photograph"]
"""How a picture came to its 28×28 pixels: as the data set has it, or out of a photograph."""

ROUTES: Final[tuple[Route, ...]] = ("genuine", "photograph")


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Layer(_Frozen):
    """One layer of the network, as Keras lists it."""

    name: str
    type: str
    output_shape: tuple[int | None, ...]
    parameters: int


class Parameters(_Frozen):
    """How many numbers the network has."""

    total: int
    trainable: int
    non_trainable: int


class Architecture(_Frozen):
    """The network's layers as data, and the text that Keras prints for them."""

    summary: str
    layers: tuple[Layer, ...]
    parameters: Parameters


class Measured(_Frozen):
    """How well the network did on a set of pictures: shares of 1, and cross-entropy in nats."""

    accuracy: float
    loss: float
    per_class: dict[str, float]


class DataSet(_Frozen):
    """What the network was trained on; `name` is known by the files' sha256 digests."""

    name: str
    sha256: dict[str, str]
    pictures: dict[str, int]


class StrangerFacts(_Frozen):
    """How strange the pictures are that a network knows, as measured on some it has not learned.

    Of n `quantiles`, the i-th is the strangeness that the share i / n of them stays below. A
    picture whose share of less strange ones is above `threshold` is a stranger.
    """

    quantiles: tuple[Annotated[float, Field(ge=0, le=2)], ...] = Field(
        min_length=2, max_length=1000
    )
    threshold: float = Field(gt=0, lt=1)

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if not all(first <= second for first, second in pairwise(self.quantiles)):
            raise ValueError("its quantiles of strangeness do not rise")
        return self


class RouteFacts(_Frozen):
    """What was fitted on held-out pictures of one route.

    Probabilities are calibrated by `temperature`; `strangers` is None if the network has no
    features to tell them by.
    """

    temperature: float = Field(default=1, ge=0.05, le=20)
    strangers: StrangerFacts | None = None


class ConfidenceFacts(_Frozen):
    """How far the numbers can be trusted, by route; None for a route it has not learned from."""

    genuine: RouteFacts
    photograph: RouteFacts | None = None

    def learned(self) -> dict[Route, RouteFacts]:
        """Return what is known of each route that the network has learned pictures of."""
        found: dict[Route, RouteFacts] = {"genuine": self.genuine}
        return {**found, "photograph": self.photograph} if self.photograph else found


class Facts(_Frozen):
    """Everything known about a model; what a plain Keras file cannot tell is None or empty."""

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
