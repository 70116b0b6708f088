"""`POST /predict` and `POST /predict/batch`.

Each has a FastAPI route, which documents it and answers other methods, and a plain ASGI class that
answers it: answering in the route would cost a third of the speed.
"""

import asyncio
from collections.abc import Awaitable, Iterable
from dataclasses import dataclass
from time import perf_counter
from typing import Annotated, Any, ClassVar, Final, NoReturn

import numpy as np
from fastapi import APIRouter, Query
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from service.api import problems
from service.api.middleware.api_keys import KEY_OPTIONAL, USER_KEY
from service.api.predict.admission import Slots
from service.api.predict.multipart import Part
from service.api.predict.picture_reader import PictureReader
from service.api.predict.request import BYTES, FORM, OptionsReader, read_upload, read_uploads
from service.api.predict.response import calibrate, describe_picture, respond
from service.api.schemas import BatchPrediction, Prediction, PredictOptions
from service.config.settings import Settings
from service.errors import FashionError, Overloaded
from service.fashion_mnist import Rows
from service.images.picture import Picture
from service.metrics import Metrics
from service.model.live import LiveModel, LoadedModel

BINARY: Final = {"type": "string", "format": "binary"}

Options = Annotated[PredictOptions, Query()]

router = APIRouter(
    tags=["predictions"],
    dependencies=USER_KEY,
    responses=problems.declared_by_status(400, 413, 415, 422),
)


def _form(field: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": {field: schema}, "required": [field]}


def _takes(kinds: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return the OpenAPI document's part on a body that FastAPI does not read."""
    content = {kind: {"schema": schema} for kind, schema in kinds.items()}
    return KEY_OPTIONAL | {"requestBody": {"required": True, "content": content}}


@dataclass(frozen=True)
class Endpoint:
    """What both endpoints share."""

    path: ClassVar[str]

    live: LiveModel
    settings: Settings
    metrics: Metrics
    options: OptionsReader
    reader: PictureReader
    slots: Slots


class Predict(Endpoint):
    """One picture in, its prediction out."""

    path = "/predict"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer `schemas.Prediction`."""
        with self.slots.admit(receive) as admitted:
            options = self.options.read(scope)
            data = await read_upload(scope, admitted, self.settings.max_image_bytes)
            picture = await self.reader.read(data, options.fit)
            model = self.live.current
            outputs = await model.predict(picture.views)
            calibrated = calibrate(model, picture, outputs, options)
            answer = describe_picture(picture, calibrated, options)
            self.metrics.count_prediction(answer["class_index"])
            await respond(scope, send, answer, model)


@router.post(
    Predict.path,
    operation_id="predict",
    summary="Classify one picture",
    response_model=Prediction,
    response_description="What the model says about the picture.",
    openapi_extra=_takes({FORM: _form("file", BINARY), "image/*": BINARY, BYTES: BINARY}),
)
async def _predict(_options: Options) -> NoReturn:
    raise HTTPException(404)  # `Shortcut` answers this path; here it came with a line end


class PredictBatch(Endpoint):
    """Many pictures in, a prediction or a problem for each out."""

    path = "/predict/batch"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer `schemas.BatchPrediction`; other requests get their turn between chunks."""
        limits = self.settings
        with self.slots.admit(receive) as admitted:
            options = self.options.read(scope)
            files = await read_uploads(
                scope, admitted, limits.max_batch_bytes, limits.max_batch_files
            )
            model, began = self.live.current, perf_counter()
            results: list[dict[str, Any]] = []
            for start in range(0, len(files), limits.batch_size):
                chunk = files[start : start + limits.batch_size]
                results += await self._answer(scope, model, chunk, options, began)
                await asyncio.sleep(0)
            answer = {
                "results": [
                    {"index": index, "filename": file.filename, **result}
                    for index, (file, result) in enumerate(zip(files, results, strict=True))
                ],
                "count": len(results),
                "failed": sum("problem" in result for result in results),
            }
            await respond(scope, send, answer, model)

    async def _answer(
        self,
        scope: Scope,
        model: LoadedModel,
        files: list[Part],
        options: PredictOptions,
        began: float,
    ) -> list[dict[str, Any]]:
        """Return a prediction or a problem for each file, with one call of the model."""
        pictures: dict[int, Picture] = {}
        results: dict[int, dict[str, Any]] = {}
        for at, file in enumerate(files):
            try:
                pictures[at] = await self.reader.read_of_batch(file.data, options.fit, began)
            except FashionError as error:
                results[at] = {"problem": problems.document(scope, error)}
        try:
            outputs = await _outputs(model, list(pictures.values()))
        except Overloaded as error:
            problem = {"problem": problems.document(scope, error)}
            results |= dict.fromkeys(pictures, problem)
            outputs = []
        for (at, picture), rows in zip(pictures.items(), outputs, strict=False):
            calibrated = calibrate(model, picture, rows, options)
            results[at] = describe_picture(picture, calibrated, options)
            self.metrics.count_prediction(results[at]["class_index"])
        return [results[at] for at in range(len(files))]


@router.post(
    PredictBatch.path,
    operation_id="predict_batch",
    summary="Classify many pictures",
    description="One bad file never spoils the others: it gets a problem of its own.",
    response_model=BatchPrediction,
    response_description="A prediction or a problem for each file.",
    openapi_extra=_takes({FORM: _form("files", {"type": "array", "items": BINARY, "minItems": 1})}),
)
async def _predict_batch(_options: Options) -> NoReturn:
    raise HTTPException(404)  # as above


async def _outputs(model: LoadedModel, pictures: list[Picture]) -> list[Rows]:
    """Return the model's rows for each picture, with one call for all of them."""
    if not pictures:
        return []
    views = [picture.views for picture in pictures]
    rows = await model.predict(np.concatenate(views))
    return np.split(rows, np.cumsum([len(one) for one in views])[:-1])


class Shortcut:
    """Answers predictions before the router is asked.

    FastAPI's and Starlette's layers around a route cost as much as reading the picture, and these
    endpoints use none of them.
    """

    def __init__(self, app: ASGIApp, endpoints: Iterable[Predict | PredictBatch]) -> None:
        self._app = app
        self._endpoints = {endpoint.path: endpoint for endpoint in endpoints}

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Answer, or pass the request on."""
        endpoint = self._endpoints.get(scope["path"]) if scope.get("method") == "POST" else None
        if endpoint is None:
            return self._app(scope, receive, send)
        scope["route"] = endpoint
        return endpoint(scope, receive, send)
