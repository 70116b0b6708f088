"""The app: the only place where its parts meet."""

from fastapi import FastAPI

import service
from service.api import docs, health, model, problems
from service.api.middleware import Observe
from service.api.openapi import DescribedApp
from service.api.options import OptionsReader
from service.api.predict import HotRoute, Predict, PredictBatch
from service.metrics import Metrics
from service.model.examined import ExaminedModel
from service.model.live import LiveModel
from service.settings import Settings

DESCRIPTION = "Classifies pictures of clothes into the ten classes of Fashion-MNIST."


def create_app(settings: Settings, examined: ExaminedModel) -> FastAPI:
    """Return an app that answers with an examined model; it is ready when this returns.

    Raises:
        ModelRefused: the graph does not load here.
    """
    live, metrics = LiveModel(examined), Metrics()
    app = DescribedApp(
        title="Fashion-MNIST Serving",
        version=service.__version__,
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
    )
    app.state.model, app.state.metrics = live, metrics
    predict = Predict(live, settings, metrics, OptionsReader(settings.min_confidence))
    app.router.routes += [
        HotRoute("/predict", predict, methods=["POST"], include_in_schema=False),
        HotRoute(
            "/predict/batch", PredictBatch(predict), methods=["POST"], include_in_schema=False
        ),
    ]
    for router in (model.router, health.router, docs.problem_router, docs.router):
        app.include_router(router)
    problems.install(app)
    app.add_middleware(Observe, metrics=metrics, access_log=settings.access_log)
    return app
