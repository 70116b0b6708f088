"""What is served: `/model`, `/model/summary` and `/classes`."""

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response

from service.api.dependencies import Model
from service.api.schemas import ClassName, ModelCard, ModelSummary
from service.fashion import CLASS_NAMES

router = APIRouter(tags=["model"])


@router.get("/model")
async def model_card(model: Model) -> ModelCard:
    """Return the model card: recipe, metrics, data digests, versions and layers."""
    return ModelCard(
        digest=model.digest,
        version=model.version,
        loaded_at=model.loaded_at,
        warnings=list(model.warnings),
        facts=model.facts,
    )


@router.get(
    "/model/summary",
    response_model=ModelSummary,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
async def model_summary(model: Model, request: Request) -> ModelSummary | Response:
    """Return the layers; with `Accept: text/plain`, the text that Keras prints."""
    architecture = model.facts.architecture
    if "text/plain" in request.headers.get("accept", ""):
        return PlainTextResponse(architecture.summary)
    return ModelSummary(layers=architecture.layers, parameters=architecture.parameters)


@router.get("/classes")
async def classes() -> list[ClassName]:
    """Return the ten class names with their index."""
    return [ClassName(class_index=index, class_name=name) for index, name in enumerate(CLASS_NAMES)]
