"""The app: the only place where its parts meet."""

from pathlib import Path

from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig
from starlette.routing import Route

import service
from service.api import docs, health, model, problems
from service.api.dependencies import Reload
from service.api.middleware import Observe, ShortWay
from service.api.openapi import DescribedApp
from service.api.options import OptionsReader
from service.api.predict import Predict, PredictBatch
from service.errors import NotReady
from service.metrics import Metrics
from service.model.candidate import Candidate
from service.model.examined import ExaminedModel
from service.model.live import LiveModel
from service.settings import Settings

NO_TELEMETRY: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False}
"""FastAPI asks OpenTelemetry's packages on every request whether they are set up; they are not."""

DESCRIPTION = "Classifies pictures of clothes into the ten classes of Fashion-MNIST."


async def no_reload() -> Candidate:
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
    live, metrics = LiveModel(examined, settings), Metrics(metrics_folder)
    app = DescribedApp(
        title="Fashion-MNIST Serving",
        version=service.__version__,
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        telemetry=NO_TELEMETRY,
    )
    app.state.live, app.state.metrics = live, metrics
    app.state.reload, app.state.leaving = reload, False
    parts = (live, settings, metrics, OptionsReader(settings.min_confidence))
    predictions = [
        Route("/predict", Predict(*parts), methods=["POST"], include_in_schema=False),
        Route("/predict/batch", PredictBatch(*parts), methods=["POST"], include_in_schema=False),
    ]
    app.router.routes += predictions
    for router in (model.router, health.router, docs.problem_router, docs.router):
        app.include_router(router)
    problems.install(app)
    app.add_middleware(ShortWay, routes=predictions)
    app.add_middleware(Observe, metrics=metrics, access_log=settings.access_log)
    return app
