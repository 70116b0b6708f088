"""Annotated names for what lives on the app."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Request

from service.metrics import Metrics
from service.model.file_status import FileStatus
from service.model.live import LiveModel

Reload = Callable[[], Awaitable[FileStatus]]
"""Has the model file looked at now, and tells what became of it."""


def _live(request: Request) -> LiveModel:
    live: LiveModel = request.app.state.live
    return live


def _reload(request: Request) -> Reload:
    reload: Reload = request.app.state.reload
    return reload


def _metrics(request: Request) -> Metrics:
    metrics: Metrics = request.app.state.metrics
    return metrics


Live = Annotated[LiveModel, Depends(_live)]
"""The model that is served now, and what became of the file at its path."""

ModelReload = Annotated[Reload, Depends(_reload)]
"""The way to have the model file looked at."""

AppMetrics = Annotated[Metrics, Depends(_metrics)]
"""The app's metrics."""
