"""`POST /predict` and `POST /predict/batch`, as plain ASGI classes.

A FastAPI route would cost a third of the speed; what these take and answer is declared in
`service.api.openapi`.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Final

import numpy as np
import orjson
from starlette.types import Receive, Scope, Send

from service.api import problems
from service.api.predict.multipart import Part
from service.api.predict.picture_reader import PictureReader
from service.api.predict.query import OptionsReader
from service.api.predict.response import calibrate, describe_picture, name_model
from service.api.predict.upload import read_upload, read_uploads
from service.api.schemas import PredictOptions
from service.config.settings import Settings
from service.errors import FashionError, Overloaded
from service.fashion_mnist import Rows
from service.images.picture import Picture
from service.images.read import FitMode
from service.metrics import Metrics
from service.model.live import LiveModel, LoadedModel

JSON: Final = (b"content-type", b"application/json")
NO_ROWS: Final = np.empty((0, 0), np.float32)


@dataclass(frozen=True)
class Predict:
    """One picture in, what the model says about it out."""

    live: LiveModel
    settings: Settings
    metrics: Metrics
    options: OptionsReader
    reader: PictureReader

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer `schemas.Prediction`."""
        options = self.options.read(scope)
        data = await read_upload(scope, receive, self.settings.max_image_bytes)
        picture = await self.reader.read(data, options.fit)
        model = self.live.current
        rows = await model.predict(picture.asked)
        answer = describe_picture(picture, calibrate(model, picture, rows, options), options)
        self.metrics.count_prediction(answer["class_index"])
        await _send(scope, send, answer, model)


@dataclass(frozen=True)
class PredictBatch:
    """Many pictures in, an answer or a problem for each out."""

    live: LiveModel
    settings: Settings
    metrics: Metrics
    options: OptionsReader
    reader: PictureReader

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer `schemas.BatchPrediction`; between chunks, other requests get their turn."""
        options = self.options.read(scope)
        limits = self.settings
        files = await read_uploads(scope, receive, limits.max_batch_bytes, limits.max_batch_files)
        model, begun = self.live.current, perf_counter()
        results: list[dict[str, Any]] = []
        for start in range(0, len(files), limits.batch_size):
            chunk = files[start : start + limits.batch_size]
            read = [await self._read(scope, file, options.fit, begun) for file in chunk]
            results += await self._answer(scope, model, read, options)
        named = [
            {"index": index, "filename": file.filename, **result}
            for index, (file, result) in enumerate(zip(files, results, strict=True))
        ]
        failed = sum("problem" in result for result in results)
        answer = {"results": named, "count": len(results), "failed": failed}
        await _send(scope, send, answer, model)

    async def _answer(
        self,
        scope: Scope,
        model: LoadedModel,
        read: list[Picture | dict[str, Any]],
        options: PredictOptions,
    ) -> list[dict[str, Any]]:
        """Return an answer or a problem for each file, with as few model calls as will do."""
        asked = [one.asked for one in read if isinstance(one, Picture)]
        try:
            rows = await model.predict(np.concatenate(asked)) if asked else NO_ROWS
        except Overloaded as error:
            problem = {"problem": problems.document(scope, error)}
            return [problem if isinstance(one, Picture) else one for one in read]
        parts: Iterator[Rows] = iter(np.split(rows, np.cumsum([len(one) for one in asked])))
        answers = [
            describe_picture(one, calibrate(model, one, next(parts), options), options)
            if isinstance(one, Picture)
            else one
            for one in read
        ]
        for answer in answers:
            if "problem" not in answer:
                self.metrics.count_prediction(answer["class_index"])
        await asyncio.sleep(0)
        return answers

    async def _read(
        self, scope: Scope, file: Part, fit: FitMode, begun: float
    ) -> Picture | dict[str, Any]:
        """Return one file's picture, or its problem: a bad file never spoils the others."""
        try:
            return await self.reader.read_of_batch(file.data, fit, begun)
        except FashionError as error:
            return {"problem": problems.document(scope, error)}


async def _send(scope: Scope, send: Send, answer: dict[str, Any], model: LoadedModel) -> None:
    """Send an answer as JSON, with the model that gave it and the request's id."""
    answer["model"] = name_model(model)
    answer["request_id"] = scope["state"]["request_id"]
    body = orjson.dumps(answer)
    headers = [JSON, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
