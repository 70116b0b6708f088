"""What the native endpoints take and answer, as the OpenAPI document shows it.

The answers of the hot path are written by hand and held to these models by tests: validating our
own output on every request would cost more than the model does.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from service.images.photograph.warnings import WARNINGS
from service.images.read import FitMode
from service.model.facts import Facts, Layer, Parameters

Probability = Annotated[float, Field(ge=0, le=1)]
ClassIndex = Annotated[int, Field(ge=0, le=9)]


class PredictOptions(BaseModel):
    """The query of `/predict` and `/predict/batch`."""

    model_config = ConfigDict(extra="forbid")

    top_k: Annotated[int, Field(ge=1, le=10)] | None = Field(
        None, description="Answer so many classes, the likeliest first; all ten in order if absent."
    )
    fit: FitMode = Field(
        "auto",
        description="`exact` takes pictures of 28×28 pixels and changes none; `photo` takes every "
        "picture for a photograph; `auto` is `exact` for 28×28 pixels and `photo` for all others.",
    )
    min_confidence: Probability | None = Field(
        None,
        description="Below it a prediction is called `uncertain`; the service's setting if absent.",
    )
    raw: bool = Field(
        False, description="Uncalibrated probabilities; of a photograph, pooled over its views."
    )
    preview: bool = Field(
        False, description="Add what the model saw (of a photograph, first), as a PNG data URI."
    )


class ClassProbability(BaseModel):
    """One class and how likely it is."""

    class_index: ClassIndex
    class_name: str
    probability: Probability


class CropBox(BaseModel):
    """The first cut-out of a photograph, in upright pixels; right and bottom lie outside."""

    left: int
    top: int
    right: int
    bottom: int


class InputFacts(BaseModel):
    """The picture as it came, upright."""

    fit: Literal["exact", "photo"] = Field(description="How it was taken.")
    width: int
    height: int
    mode: str = Field(description="Pillow's name of the colour mode, such as L or RGB.")
    crop: CropBox | None = Field(None, description="Only of a photograph.")


class PictureWarning(BaseModel):
    """Something odd about the picture, and what to do about it."""

    code: str = Field(json_schema_extra={"enum": [warning.code for warning in WARNINGS]})
    message: str


class ModelName(BaseModel):
    """Which model answered."""

    digest: str = Field(description="sha256 of the model file.")
    version: str = Field(description="The beginning of the digest.")


class PictureAnswer(BaseModel):
    """What the model says about one picture."""

    class_index: ClassIndex
    class_name: str
    confidence: Probability
    probabilities: list[ClassProbability]
    decision: Literal["certain", "uncertain"]
    stranger_score: Probability | None = Field(
        None, description="Share of known pictures that are less strange; if the file can tell."
    )
    input: InputFacts
    warnings: list[PictureWarning]
    preview: str | None = Field(None, description="Only with `preview=true`.")


class Prediction(PictureAnswer):
    """The answer of `/predict`."""

    model: ModelName
    request_id: str


class ProblemFault(BaseModel):
    """One of several things that are wrong."""

    pointer: str
    detail: str


class Problem(BaseModel):
    """What went wrong, by RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    request_id: str
    errors: list[ProblemFault] | None = None
    digest: str | None = Field(None, description="Of the file that was refused, where one was.")


class BatchMember(BaseModel):
    """One file of a batch: a prediction's members, or the problem that the file has."""

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
    """A file that lies at the model's path and may not serve."""

    digest: str | None
    reason: str


class ModelCard(BaseModel):
    """What is served now, and everything that its file says about itself."""

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
    """The service lives, or is ready, and what was checked; anything else is a problem."""

    status: Literal["ok"]
    checks: dict[str, str]
