"""What endpoints take from the app's state."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import Depends, Request

from service.metrics import Metrics
from service.model.file_status import FileStatus
from service.model.live import LiveModel

Reload = Callable[[], Awaitable[FileStatus]]
"""Has the model file read again, and returns its status."""


def _state(name: str) -> Any:
    async def read(request: Request) -> Any:
        return getattr(request.app.state, name)

    return Depends(read)


Live = Annotated[LiveModel, _state("live")]
ModelReload = Annotated[Reload, _state("reload")]
AppMetrics = Annotated[Metrics, _state("metrics")]
