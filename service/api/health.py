"""Liveness, readiness and metrics.

Load balancers ask with HEAD as well as GET. The routes for both are hidden, because the OpenAPI
document would list each method as an endpoint.
"""

import asyncio
from typing import Final

import numpy as np
from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST

from service.api.dependencies import AppMetrics, Live
from service.api.middleware.api_keys import METRICS_KEY, NO_KEY
from service.api.schemas import Health
from service.errors import NotReady, Overloaded, ShuttingDown
from service.fashion_mnist import SIDE
from service.model.live import LoadedModel

NEVER_CACHED: Final = {"Cache-Control": "no-store"}

ANSWER_SECONDS: Final = 2
"""How long the model may take for one picture; its queue empties in milliseconds."""

router = APIRouter(tags=["operation"])


@router.get("/livez", dependencies=NO_KEY)
@router.api_route("/livez", methods=["GET", "HEAD"], include_in_schema=False, dependencies=NO_KEY)
async def livez(response: Response) -> Health:
    """Answer 200 while the process runs."""
    response.headers.update(NEVER_CACHED)
    return Health(status="ok", checks={"process": "answers"})


@router.get("/readyz", dependencies=NO_KEY)
@router.api_route("/readyz", methods=["GET", "HEAD"], include_in_schema=False, dependencies=NO_KEY)
async def readyz(request: Request, response: Response, live: Live) -> Health:
    """Answer 200 if the model answers a picture now, or is busy with others.

    A new model file that was refused is shown, but does not make the service unready.
    """
    response.headers.update(NEVER_CACHED)
    if request.app.state.leaving:
        raise ShuttingDown("The service is stopping. Send requests to another instance.")
    model = live.current
    checks = {"model": f"{model.version} {await _check(model)}"}
    if live.file_status.reason:
        checks["candidate"] = f"model-refused {live.file_status.digest}"
    return Health(status="ok", checks=checks)


@router.get("/metrics", response_class=Response, dependencies=METRICS_KEY)
async def metrics(metrics: AppMetrics) -> Response:
    """Return the metrics as Prometheus text."""
    return Response(metrics.render(), media_type=CONTENT_TYPE_LATEST)


async def _check(model: LoadedModel) -> str:
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            await model.predict(np.zeros((1, SIDE, SIDE), np.uint8))
    except Overloaded:
        return "is busy"
    except TimeoutError as error:
        raise NotReady(f"The model gave no answer within {ANSWER_SECONDS} s.") from error
    return "answers"
