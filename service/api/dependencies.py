"""Annotated names for what lives on the app."""

from typing import Annotated

from fastapi import Depends, Request

from service.metrics import Metrics
from service.model.live import LiveModel


def _model(request: Request) -> LiveModel:
    model: LiveModel = request.app.state.model
    return model


def _metrics(request: Request) -> Metrics:
    metrics: Metrics = request.app.state.metrics
    return metrics


Model = Annotated[LiveModel, Depends(_model)]
"""The model that is served now."""

AppMetrics = Annotated[Metrics, Depends(_metrics)]
"""The app's metrics."""
