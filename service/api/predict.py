"""`POST /predict` and `POST /predict/batch`, as plain ASGI classes.

A FastAPI route would cost a third of the speed; what these take and answer is declared in
`service.api.openapi`.
"""

from dataclasses import dataclass
from typing import Any, Final

import orjson
from PIL import Image
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import Receive, Scope, Send

from service.api import problems
from service.api.answers import describe_picture, name_model
from service.api.form import Part
from service.api.options import OptionsReader
from service.api.schemas import PredictOptions
from service.api.upload import read_upload, read_uploads
from service.errors import FashionError
from service.fashion import Pixels, to_rows
from service.images.decode import open_image
from service.images.exact import fit_exact
from service.metrics import Metrics
from service.model.live import LiveModel
from service.settings import Settings

JSON: Final = "application/json"


@dataclass(frozen=True)
class Predict:
    """One picture in, what the model says about it out."""

    model: LiveModel
    settings: Settings
    metrics: Metrics
    options: OptionsReader

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer `schemas.Prediction`."""
        options = self.options.read(scope)
        data = await read_upload(scope, receive, self.settings.max_image_bytes)
        image, pixels = fit(data, self.settings.max_pixels)
        answer = self.answer(image, pixels, options)
        answer["model"] = name_model(self.model)
        answer["request_id"] = scope["state"]["request_id"]
        await Response(orjson.dumps(answer), media_type=JSON)(scope, receive, send)

    def answer(self, image: Image.Image, pixels: Pixels, options: PredictOptions) -> dict[str, Any]:
        """Return what the model says about one picture, and count it."""
        (probabilities,) = self.model.probabilities(to_rows(pixels))
        answer = describe_picture(image, pixels, probabilities, options)
        self.metrics.count_prediction(answer["class_index"])
        return answer


@dataclass(frozen=True)
class PredictBatch:
    """Many pictures in, an answer or a problem for each out."""

    single: Predict

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer `schemas.BatchPrediction`."""
        settings = self.single.settings
        options = self.single.options.read(scope)
        files = await read_uploads(
            scope, receive, settings.max_batch_bytes, settings.max_batch_files
        )
        results = [
            {"index": index, "filename": file.filename, **self._member(scope, file, options)}
            for index, file in enumerate(files)
        ]
        answer = {
            "results": results,
            "count": len(results),
            "failed": sum("problem" in result for result in results),
            "model": name_model(self.single.model),
            "request_id": scope["state"]["request_id"],
        }
        await Response(orjson.dumps(answer), media_type=JSON)(scope, receive, send)

    def _member(self, scope: Scope, file: Part, options: PredictOptions) -> dict[str, Any]:
        """Return one file's answer; a bad file never spoils the others."""
        try:
            image, pixels = fit(file.data, self.single.settings.max_pixels)
            return self.single.answer(image, pixels, options)
        except FashionError as error:
            return {"problem": problems.document(scope, error)}


class HotRoute(Route):
    """A Starlette route to an ASGI endpoint, named in the scope as FastAPI names its own."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Return whether the request is for this route, and what to add to its scope."""
        match, child = super().matches(scope)
        return match, {**child, "route": self} if child else child


def fit(data: bytes, max_pixels: int) -> tuple[Image.Image, Pixels]:
    """Return a picture as it came, and uint8[28, 28] as the model sees it.

    Raises:
        RequestRefused: the bytes are no picture that can be taken.
    """
    image = open_image(data, max_pixels=max_pixels)
    return image, fit_exact(image)
