"""Requests and answers of the API, as the OpenAPI document shows them.

Predictions are written by hand, and tests hold them to these models: validating them on every
request would cost more than the network does.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from service.images.photograph.warnings import WARNINGS
from service.images.read import FitMode
from service.model.facts import Facts, Layer, Parameters

Probability = Annotated[float, Field(ge=0, le=1)]
ClassIndex = Annotated[int, Field(ge=0, le=9)]


class PredictOptions(BaseModel):
    """The query parameters of `/predict` and `/predict/batch`."""

    model_config = ConfigDict(extra="forbid")

    top_k: Annotated[int, Field(ge=1, le=10)] | None = Field(
        None,
        description="How many classes, the most probable first; by default all ten, by index.",
    )
    fit: FitMode = Field(
        "auto",
        description="`exact` accepts only 28×28 pixels and changes none; `photo` treats every "
        "picture as a photograph; `auto` is `exact` for 28×28 pixels and `photo` for other sizes.",
    )
    min_confidence: Probability | None = Field(
        None,
        description="Below this confidence, `decision` is `uncertain`; by default a setting.",
    )
    raw: bool = Field(False, description="Return probabilities without calibration.")
    preview: bool = Field(
        False,
        description="Add what the model saw as a PNG data URI; for a photograph, its first view.",
    )


class ClassProbability(BaseModel):
    """One class and its probability."""

    class_index: ClassIndex
    class_name: str
    probability: Probability


class CropBox(BaseModel):
    """Where the garment was found, in upright pixels; right and bottom are excluded."""

    left: int
    top: int
    right: int
    bottom: int


class InputFacts(BaseModel):
    """The picture that was sent, turned upright."""

    fit: Literal["exact", "photo"] = Field(description="How the picture was used.")
    width: int
    height: int
    mode: str = Field(description="Pillow's name for the colour mode, such as L or RGB.")
    crop: CropBox | None = Field(None, description="Only for a photograph.")


class PictureWarning(BaseModel):
    """Something that may make the answer wrong, and what to do about it."""

    code: str = Field(json_schema_extra={"enum": [warning.code for warning in WARNINGS]})
    message: str


class ModelName(BaseModel):
    """Which model answered."""

    digest: str = Field(description="sha256 of the model file.")
    version: str = Field(description="The first 12 digits of the digest.")


class PictureAnswer(BaseModel):
    """What the model says about one picture."""

    class_index: ClassIndex
    class_name: str
    confidence: Probability
    probabilities: list[ClassProbability]
    decision: Literal["certain", "uncertain"]
    stranger_score: Probability | None = Field(
        None,
        description="Share of known pictures that are less unusual; some model files have none.",
    )
    input: InputFacts
    warnings: list[PictureWarning]
    preview: str | None = Field(None, description="Only with `preview=true`.")


class Prediction(PictureAnswer):
    """The answer of `/predict`."""

    model: ModelName
    request_id: str


class ProblemFault(BaseModel):
    """One of the things that are wrong."""

    pointer: str
    detail: str


class Problem(BaseModel):
    """What went wrong (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    request_id: str
    errors: list[ProblemFault] | None = None
    digest: str | None = Field(None, description="sha256 of the model file that was refused.")


class BatchMember(BaseModel):
    """The result for one file: the members of a prediction, or its problem."""

    model_config = ConfigDict(extra="allow")

    index: int
    filename: str | None
    problem: Problem | None = None


class BatchPrediction(BaseModel):
    """The answer of `/predict/batch`, in the order of the files."""

    results: list[BatchMember]
    count: int
    failed: int
    model: ModelName
    request_id: str


class ClassName(BaseModel):
    """One of the ten classes."""

    class_index: ClassIndex
    class_name: str


class RefusedFile(BaseModel):
    """The file at the model's path, if it cannot be served."""

    digest: str | None
    reason: str


class ModelCard(BaseModel):
    """The model that is served now, and all that its file says about it."""

    digest: str
    version: str
    loaded_at: str
    warnings: list[str]
    refused: RefusedFile | None
    facts: Facts


class ModelSummary(BaseModel):
    """The network's layers."""

    layers: tuple[Layer, ...]
    parameters: Parameters


class Health(BaseModel):
    """The service lives or is ready, and what was checked; otherwise the answer is a problem."""

    status: Literal["ok"]
    checks: dict[str, str]
