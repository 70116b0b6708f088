"""What is served: `/model`, `/model/summary` and `/classes`."""

import re
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response

from service.api.dependencies import Live, ModelReload
from service.api.schemas import ClassName, ModelCard, ModelSummary, RefusedFile
from service.errors import ModelRefused
from service.fashion_mnist import CLASS_NAMES

QUALITY: Final = re.compile(r"[01](\.\d{0,3})?")

router = APIRouter(tags=["model"])


@router.get("/model")
async def model_card(live: Live) -> ModelCard:
    """Return the model card: recipe, metrics, data digests, versions and layers."""
    model, status = live.current, live.file_status
    refused = None
    if status.reason:
        refused = RefusedFile(digest=status.digest, reason=status.reason)
    return ModelCard(
        digest=model.digest,
        version=model.version,
        loaded_at=model.loaded_at,
        warnings=list(model.warnings),
        refused=refused,
        facts=model.facts,
    )


@router.post("/model/reload")
async def reload_model(live: Live, reload: ModelReload) -> ModelCard:
    """Look at the model file now instead of at the next poll; return what is served then.

    All workers follow within a second or two.
    """
    status = await reload()
    if status.reason:
        raise ModelRefused(status.reason, status.digest)
    return await model_card(live)


@router.get(
    "/model/summary",
    response_model=ModelSummary,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
async def model_summary(
    live: Live, request: Request, response: Response
) -> ModelSummary | Response:
    """Return the layers; with `Accept: text/plain`, the text that Keras prints."""
    architecture = live.current.facts.architecture
    response.headers["Vary"] = "Accept"
    if _prefers_text(request.headers.get("accept", "")):
        return PlainTextResponse(architecture.summary, headers={"Vary": "Accept"})
    return ModelSummary(layers=architecture.layers, parameters=architecture.parameters)


@router.get("/classes")
async def classes() -> list[ClassName]:
    """Return the ten class names with their index."""
    return [ClassName(class_index=index, class_name=name) for index, name in enumerate(CLASS_NAMES)]


def _prefers_text(accept: str) -> bool:
    """Tell whether a client ranks plain text above JSON (RFC 9110, section 12.5.1)."""
    weights: dict[str, float] = {}
    for item in accept.lower().split(","):
        kind, *parameters = (part.strip() for part in item.split(";"))
        quality = next((part[2:] for part in parameters if part.startswith("q=")), "1")
        weights[kind] = float(quality) if QUALITY.fullmatch(quality) else 0
    text = max(weights.get("text/plain", 0), weights.get("text/*", 0))
    return text > weights.get("application/json", 0)
