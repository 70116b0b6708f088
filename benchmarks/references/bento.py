"""BentoML with adaptive batching."""

from typing import Any

import bentoml
import numpy as np
from PIL import Image

from benchmarks.references.network import answer, image_to_row, load_fast


@bentoml.service(
    name="fashion", workers=1, traffic={"timeout": 60}, logging={"access": {"enabled": False}}
)
class Fashion:
    """Takes one picture per request; up to 64 share a model call."""

    def __init__(self) -> None:
        self.probabilities = load_fast()

    @bentoml.api(batchable=True, max_batch_size=64, max_latency_ms=1000, route="/predict")
    def predict(self, images: list[Image.Image]) -> list[dict[str, Any]]:
        """Answer the pictures of several requests."""
        rows = np.stack([image_to_row(image) for image in images])
        return [answer(numbers) for numbers in self.probabilities(rows)]
