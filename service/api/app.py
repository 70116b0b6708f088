"""The app: the only place where its parts meet."""

from functools import partial
from pathlib import Path

from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig
from starlette.routing import Route
from starlette.types import ASGIApp

import service
from service.api import health, model, pages, problems
from service.api.dependencies import Reload
from service.api.middleware.admission import Admission, Slots
from service.api.middleware.api_keys import Access
from service.api.middleware.cors import Cors
from service.api.middleware.observe import Observe
from service.api.middleware.shortcut import Shortcut
from service.api.openapi import DescribedApp
from service.api.predict.endpoints import Predict, PredictBatch
from service.api.predict.picture_reader import PictureReader
from service.api.predict.query import OptionsReader
from service.config.keys import Keys
from service.config.settings import Settings, split_origins
from service.errors import NotReady
from service.metrics import Metrics
from service.model.examined import ExaminedModel
from service.model.file_status import FileStatus
from service.model.live import LiveModel

NO_TELEMETRY: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False}
"""FastAPI asks OpenTelemetry's packages on every request whether they are set up; they are not."""

DESCRIPTION = "Classifies pictures of clothes into the ten classes of Fashion-MNIST."


async def no_reload() -> FileStatus:
    """Refuse to look at the model file: without a supervisor, nobody owns it."""
    raise NotReady("This process has no supervisor, which alone looks at the model file.")


def create_app(
    settings: Settings,
    examined: ExaminedModel,
    *,
    metrics_folder: Path | None = None,
    reload: Reload = no_reload,
) -> FastAPI:
    """Return an app that answers with an examined model; it is ready when this returns.

    `metrics_folder` is where several workers count together; `reload` has the model file looked
    at.

    Raises:
        ModelRefused: the graph does not load here.
    """
    live = LiveModel(examined, batch_size=settings.batch_size, queue_length=settings.queue_length)
    metrics = Metrics(metrics_folder)
    app = DescribedApp(
        title="Fashion-MNIST Serving",
        version=service.__version__,
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        telemetry=NO_TELEMETRY,
        redirect_slashes=False,
    )
    app.state.live, app.state.metrics = live, metrics
    app.state.reload, app.state.leaving = reload, False
    predictions = _prediction_routes(live, settings, metrics)
    app.router.routes += predictions
    for router in (model.router, health.router, pages.problem_router, pages.router):
        app.include_router(router)
    problems.install(app)
    _add_layers(app, settings, predictions)
    app.add_layer(Observe, metrics=metrics, access_log=settings.access_log)
    return app


def _prediction_routes(live: LiveModel, settings: Settings, metrics: Metrics) -> list[Route]:
    """Return the routes that answer pictures, which share the slots of those that are let in."""
    options, reader = OptionsReader(settings.min_confidence), PictureReader(settings)
    parts = (live, settings, metrics, options, reader)
    slots = Slots(settings.max_in_flight, settings.max_held_bytes)
    endpoints: dict[str, ASGIApp] = {
        "/predict": Predict(*parts),
        "/predict/batch": PredictBatch(*parts),
    }
    return [
        Route(path, Admission(endpoint, slots), methods=["POST"], include_in_schema=False)
        for path, endpoint in endpoints.items()
    ]


def _add_layers(app: DescribedApp, settings: Settings, predictions: list[Route]) -> None:
    """Put between the counting and the router what is asked for, the innermost layer first."""
    keys = Keys.from_settings(settings)
    access = partial(app.add_layer, Access, keys=keys, metrics_key=settings.metrics_key)
    short_way = partial(app.add_layer, Shortcut, routes=predictions)
    # Without users' keys the predictions ask for none, so their way does not lead past the guard.
    for add in [short_way, access] if keys.user else [access, short_way]:
        add()
    if origins := split_origins(settings.cors_origins):
        app.add_layer(Cors, origins=origins)
