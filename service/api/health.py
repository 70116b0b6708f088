"""Whether the service lives and is ready, and its metrics."""

import asyncio
from typing import Final

import numpy as np
from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST

from service.api.dependencies import AppMetrics, Model
from service.api.schemas import Health
from service.errors import NotReady, Overloaded
from service.fashion import SIDE
from service.model.live import LiveModel

NEVER_CACHED: Final = {"Cache-Control": "no-store"}

ANSWER_SECONDS: Final = 2
"""How long the model may take for one picture; the line before it empties in milliseconds."""

router = APIRouter(tags=["operation"])


@router.get("/livez")
async def livez(response: Response) -> Health:
    """Answer as long as the process does."""
    response.headers.update(NEVER_CACHED)
    return Health(status="ok", checks={"process": "answers"})


@router.get("/readyz")
async def readyz(response: Response, model: Model) -> Health:
    """Answer 200 if the model answers a picture now, or is busy answering others'."""
    response.headers.update(NEVER_CACHED)
    return Health(status="ok", checks={"model": f"{model.version} {await _check(model)}"})


@router.get("/metrics", response_class=Response)
async def metrics(metrics: AppMetrics) -> Response:
    """Return counts and times as Prometheus text."""
    return Response(metrics.render(), media_type=CONTENT_TYPE_LATEST)


async def _check(model: LiveModel) -> str:
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            await model.probabilities(np.zeros((1, SIDE, SIDE), np.uint8))
    except Overloaded:
        return "is busy"
    except TimeoutError as error:
        raise NotReady(f"The model gave no answer within {ANSWER_SECONDS} s.") from error
    return "answers"
