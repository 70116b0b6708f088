"""The model that is served: `/model`, `/model/reload`, `/model/summary` and `/classes`."""

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response

from service.api.dependencies import Live, ModelReload
from service.api.middleware.api_keys import ADMIN_KEY, KEY_OPTIONAL, USER_KEY
from service.api.schemas import ClassName, ModelCard, ModelSummary, RefusedFile
from service.errors import ModelRefused
from service.fashion_mnist import CLASS_NAMES

router = APIRouter(tags=["model"])


@router.get("/model", dependencies=USER_KEY, openapi_extra=KEY_OPTIONAL)
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


@router.post("/model/reload", dependencies=ADMIN_KEY)
async def reload_model(live: Live, reload: ModelReload) -> ModelCard:
    """Read the model file now, not at the next poll; return the model card of what is served then.

    All workers follow within two seconds.
    """
    status = await reload()
    if status.reason:
        raise ModelRefused(status.reason, status.digest)
    return await model_card(live)


@router.get(
    "/model/summary",
    dependencies=USER_KEY,
    openapi_extra=KEY_OPTIONAL,
    response_model=ModelSummary,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
async def model_summary(
    live: Live, request: Request, response: Response
) -> ModelSummary | Response:
    """Return the layers as JSON or, with `Accept: text/plain`, as the text that Keras prints."""
    architecture = live.current.facts.architecture
    response.headers["Vary"] = "Accept"
    if _wants_text(request.headers.get("accept", "")):
        return PlainTextResponse(architecture.summary, headers={"Vary": "Accept"})
    return ModelSummary(layers=architecture.layers, parameters=architecture.parameters)


@router.get("/classes", dependencies=USER_KEY, openapi_extra=KEY_OPTIONAL)
async def classes() -> list[ClassName]:
    """Return the ten class names with their index."""
    return [ClassName(class_index=index, class_name=name) for index, name in enumerate(CLASS_NAMES)]


def _wants_text(accept: str) -> bool:
    """Tell whether an Accept header names plain text, and not JSON before it."""
    return "text/plain" in accept.lower().partition("application/json")[0]
