"""Whether the service lives and is ready, and its metrics."""

from typing import Final

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST

from service.api.dependencies import AppMetrics, Model
from service.api.schemas import Health

NEVER_CACHED: Final = {"Cache-Control": "no-store"}

router = APIRouter(tags=["operation"])


@router.get("/livez")
async def livez(response: Response) -> Health:
    """Answer as long as the process does."""
    response.headers.update(NEVER_CACHED)
    return Health(status="ok", checks={"process": "answers"})


@router.get("/readyz")
async def readyz(response: Response, model: Model) -> Health:
    """Answer 200 once the model is loaded and has answered a picture."""
    response.headers.update(NEVER_CACHED)
    return Health(status="ok", checks={"model": f"{model.version} answers"})


@router.get("/metrics", response_class=Response)
async def metrics(metrics: AppMetrics) -> Response:
    """Return counts and times as Prometheus text."""
    return Response(metrics.render(), media_type=CONTENT_TYPE_LATEST)
