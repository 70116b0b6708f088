"""What a model file says about itself; `GET /model` shows it and the model card is made from it."""

from pydantic import BaseModel, ConfigDict, JsonValue

from service.fashion import CLASS_NAMES, SCALING


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
    versions: dict[str, str] = {}
    created: str | None = None
