"""The model's outputs as a JSON response."""

import base64
import io
from typing import Any, Final

import orjson
from PIL import Image
from starlette.types import Scope, Send

from service.api.schemas import PredictOptions
from service.fashion_mnist import CLASS_NAMES, Pixels, Rows
from service.images.picture import Picture
from service.model.confidence import CalibratedPrediction, pooled
from service.model.live import LoadedModel

JSON: Final = (b"content-type", b"application/json")


def calibrate(
    model: LoadedModel, picture: Picture, outputs: Rows, options: PredictOptions
) -> CalibratedPrediction:
    """Return the calibrated mean of a model's outputs for the views of one picture."""
    return model.confidence.calibrate(pooled(outputs), picture.fit, options.raw)


def describe_picture(
    picture: Picture, calibrated: CalibratedPrediction, options: PredictOptions
) -> dict[str, Any]:
    """Return what the model says about one picture, as `schemas.PictureAnswer`."""
    numbers = calibrated.probabilities.tolist()
    best = int(calibrated.probabilities.argmax())
    certain = calibrated.is_certain(numbers[best], options.min_confidence)
    shown = list(range(len(numbers)))
    if options.top_k:
        shown = sorted(shown, key=lambda index: -numbers[index])[: options.top_k]
    answer: dict[str, Any] = {
        "class_index": best,
        "class_name": CLASS_NAMES[best],
        "confidence": numbers[best],
        "probabilities": [
            {"class_index": i, "class_name": CLASS_NAMES[i], "probability": numbers[i]}
            for i in shown
        ],
        "decision": "certain" if certain else "uncertain",
        "input": {
            "fit": picture.fit,
            "width": picture.width,
            "height": picture.height,
            "mode": picture.mode,
        },
        "warnings": [
            {"code": warning.code, "message": warning.sentence} for warning in picture.warnings
        ],
    }
    if calibrated.stranger_score is not None:
        answer["stranger_score"] = calibrated.stranger_score
    if picture.crop is not None:
        answer["input"]["crop"] = picture.crop._asdict()
    if options.preview:
        answer["preview"] = _preview(picture.pixels)
    return answer


async def respond(scope: Scope, send: Send, answer: dict[str, Any], model: LoadedModel) -> None:
    """Send an answer as JSON, with the model that gave it and the request's id."""
    answer["model"] = {"digest": model.digest, "version": model.version}
    answer["request_id"] = scope["state"]["request_id"]
    body = orjson.dumps(answer)
    headers = [JSON, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _preview(pixels: Pixels) -> str:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()
