"""Probabilities to what the client reads: the members of a prediction."""

import base64
import io
from typing import Any

from PIL import Image

from service.api.schemas import PredictOptions
from service.fashion import CLASS_NAMES, Pixels, Rows
from service.images.picture import Picture
from service.images.quality import inspect
from service.model.live import LoadedModel


def describe_picture(
    picture: Picture, probabilities: Rows, options: PredictOptions
) -> dict[str, Any]:
    """Return what the model says about one picture, as `schemas.PictureAnswer`.

    `probabilities` is float32[10].
    """
    numbers = probabilities.tolist()
    best = int(probabilities.argmax())
    shown = list(range(len(numbers)))
    if options.top_k:
        shown = sorted(shown, key=lambda index: -numbers[index])[: options.top_k]
    answer = {
        "class_index": best,
        "class_name": CLASS_NAMES[best],
        "confidence": numbers[best],
        "probabilities": [
            {"class_index": i, "class_name": CLASS_NAMES[i], "probability": numbers[i]}
            for i in shown
        ],
        "decision": "certain" if numbers[best] >= options.min_confidence else "uncertain",
        "input": {
            "fit": options.fit,
            "width": picture.width,
            "height": picture.height,
            "mode": picture.mode,
        },
        "warnings": [
            {"code": notice.code, "message": notice.sentence} for notice in inspect(picture.pixels)
        ],
    }
    if options.preview:
        answer["preview"] = _preview(picture.pixels)
    return answer


def name_model(model: LoadedModel) -> dict[str, str]:
    """Return which model answered, as `schemas.ModelName`."""
    return {"digest": model.digest, "version": model.version}


def _preview(pixels: Pixels) -> str:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()
