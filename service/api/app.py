"""The app: the only place where its parts meet."""

from pathlib import Path
from typing import Final

from fastapi import FastAPI
from fastapi.middleware.asyncexitstack import AsyncExitStackMiddleware
from fastapi.routing import APIRoute
from fastapi.telemetry import TelemetryConfig
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

import service
from service.api import health, model, pages, problems
from service.api.dependencies import Reload
from service.api.middleware.api_keys import ApiKeys
from service.api.middleware.observe import Observe
from service.api.predict import endpoints
from service.api.predict.admission import Slots
from service.api.predict.endpoints import Predict, PredictBatch, Shortcut
from service.api.predict.picture_reader import PictureReader
from service.api.predict.request import OptionsReader
from service.config.keys import Keys
from service.config.settings import Settings, split_origins
from service.errors import NotReady
from service.metrics import Metrics
from service.model.examined import ExaminedModel
from service.model.file_status import FileStatus
from service.model.live import LiveModel

DESCRIPTION: Final = "Classifies pictures of clothes into the ten classes of Fashion-MNIST."

ROUTERS: Final = (
    endpoints.router,
    model.router,
    health.router,
    pages.problem_router,
    pages.router,
)

NO_TELEMETRY: Final[TelemetryConfig] = {"tracing": False, "metrics": False, "logs": False}
"""Otherwise FastAPI asks on every request whether OpenTelemetry is set up; it is not."""

CORS_HEADERS: Final = ("Authorization", "Content-Type", "X-API-Key", "X-Request-ID")
CORS_EXPOSED: Final = ("Retry-After", "X-Request-ID")


async def no_reload() -> FileStatus:
    """Refuse to reload the model file: only a supervisor watches it."""
    raise NotReady("This process has no supervisor, which alone reloads the model file.")


def create_app(
    settings: Settings,
    examined: ExaminedModel,
    *,
    metrics_folder: Path | None = None,
    reload: Reload = no_reload,
) -> FastAPI:
    """Return an app that answers with an examined model; it is ready when this returns.

    Several workers count together in `metrics_folder`; `reload` has the model file read again.

    Raises:
        ModelRefused: the graph does not load here.
    """
    live = LiveModel(examined, batch_size=settings.batch_size, queue_length=settings.queue_length)
    metrics = Metrics(metrics_folder)
    app = FastAPI(
        title="Fashion-MNIST Serving",
        version=service.__version__,
        description=DESCRIPTION,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        telemetry=NO_TELEMETRY,
        redirect_slashes=False,
        responses={"default": problems.declared("Any other outcome is a problem document.")},
    )
    app.state.live, app.state.metrics = live, metrics
    app.state.reload, app.state.leaving = reload, False
    for router in ROUTERS:
        app.include_router(router)
    app.middleware_stack = _layers(app.router, settings, live, metrics)
    return app


def _layers(router: ASGIApp, settings: Settings, live: LiveModel, metrics: Metrics) -> ASGIApp:
    """Return the router with all that a request passes through before it.

    From the outside: CORS, whose headers errors need too; `Observe`, which renders all errors;
    keys, before a body is read; the shortcut. They take the place of FastAPI's own layers, which
    would answer errors in another shape and cost as much as all of these.
    """
    parts = (
        live,
        settings,
        metrics,
        OptionsReader(settings.min_confidence),
        PictureReader(settings),
        Slots(settings.max_in_flight, settings.max_held_bytes),
    )
    app: ASGIApp = AsyncExitStackMiddleware(router)  # FastAPI's routes need it
    app = Shortcut(app, [Predict(*parts), PredictBatch(*parts)])
    app = ApiKeys(
        app,
        [route for each in ROUTERS for route in each.routes if isinstance(route, APIRoute)],
        Keys.from_settings(settings),
        settings.metrics_key,
    )
    app = Observe(app, metrics, settings.access_log)
    if origins := split_origins(settings.cors_origins):
        app = CORSMiddleware(
            app,
            allow_origins=origins,
            allow_methods=("GET", "POST"),
            allow_headers=CORS_HEADERS,
            expose_headers=CORS_EXPOSED,
        )
    return app
