"""Answers over HTTP are the numbers that Keras computes."""

import numpy as np
import pytest

from service.fashion_mnist import to_rows


@pytest.fixture(scope="module")
def over_http(client, png, real_pixels):
    """float32[1000, 10]: the answers to the sample's test pictures, sent as PNG files."""
    numbers = []
    for start in range(0, len(real_pixels), 250):
        files = [("files", png(pixels)) for pixels in real_pixels[start : start + 250]]
        answer = client.post("/predict/batch?raw=true", files=files).json()
        numbers += [
            [one["probability"] for one in result["probabilities"]] for result in answer["results"]
        ]
    return np.array(numbers)


@pytest.fixture(scope="module")
def by_keras(shipped_model, real_pixels):
    """float32[1000, 10]: what Keras computes from the same model file."""
    from service.model_file.export import keras_probabilities, load

    return keras_probabilities(load(shipped_model), to_rows(real_pixels))


def test_the_service_answers_what_keras_computes(over_http, by_keras):
    assert over_http == pytest.approx(by_keras, abs=1e-5)


def test_accuracy_over_http_is_the_accuracy_computed_directly(over_http, by_keras, real_labels):
    accuracy = (over_http.argmax(axis=1) == real_labels).mean()

    assert accuracy == (by_keras.argmax(axis=1) == real_labels).mean()
    assert accuracy > 0.9
