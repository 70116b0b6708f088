import base64
import io

import numpy as np
import pytest
from PIL import Image

from service.api.schemas import BatchPrediction, Prediction
from service.fashion import CLASS_NAMES, to_rows
from service.model.classifier import Classifier
from tests.problem import assert_problem


@pytest.fixture
def boot(png, real_pixels):
    return png(real_pixels[0])


def predict(client, data, **query):
    return client.post("/predict", files={"file": data}, params=query)


def test_the_answer_is_what_the_schema_promises(client, boot):
    answer = predict(client, boot)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    prediction = Prediction.model_validate(answer.json(), extra="forbid")
    assert prediction.class_name == "Ankle boot"
    assert prediction.request_id == answer.headers["x-request-id"]


def test_the_ten_numbers_are_the_engines(client, examined, png, real_pixels):
    expected = Classifier(examined.graph).probabilities(to_rows(real_pixels[:20]))

    for pixels, numbers in zip(real_pixels, expected, strict=False):
        answer = predict(client, png(pixels)).json()
        found = [one["probability"] for one in answer["probabilities"]]
        assert found == pytest.approx(numbers, abs=1e-6)
        assert [one["class_name"] for one in answer["probabilities"]] == list(CLASS_NAMES)
        assert answer["confidence"] == max(found)
        assert answer["class_index"] == found.index(max(found))


def test_top_k_answers_the_likeliest_first(client, boot):
    everything = predict(client, boot).json()["probabilities"]
    best = predict(client, boot, top_k=3).json()["probabilities"]

    assert best == sorted(everything, key=lambda one: -one["probability"])[:3]


def test_a_prediction_below_the_asked_confidence_is_uncertain(client, boot):
    confidence = predict(client, boot).json()["confidence"]

    assert predict(client, boot, min_confidence=confidence - 1e-6).json()["decision"] == "certain"
    assert predict(client, boot, min_confidence=1).json()["decision"] == "uncertain"


def test_the_preview_is_what_the_model_saw(client, boot, real_pixels):
    preview = predict(client, boot, preview=True).json()["preview"]
    kind, data = preview.split(",")

    assert kind == "data:image/png;base64"
    assert (np.asarray(Image.open(io.BytesIO(base64.b64decode(data)))) == real_pixels[0]).all()


def test_there_is_no_preview_unasked(client, boot):
    assert "preview" not in predict(client, boot).json()


def test_the_answer_names_the_model_and_the_picture(client, examined, png, real_pixels):
    rgba = np.dstack([real_pixels[0]] * 3 + [np.full((28, 28), 255, np.uint8)])
    answer = predict(client, png(rgba)).json()

    assert answer["model"] == {"digest": examined.digest, "version": examined.digest[:12]}
    assert answer["input"] == {"fit": "exact", "width": 28, "height": 28, "mode": "RGBA"}


def test_an_inverted_picture_gets_a_warning(client, png, real_pixels):
    (warning,) = predict(client, png(255 - real_pixels[0])).json()["warnings"]

    assert warning["code"] == "looks-inverted"


@pytest.mark.parametrize("side", [1, 27, 5000])
def test_another_size_is_refused_with_the_size_it_has(client, png, side):
    answer = predict(client, png(np.zeros((side, side), np.uint8)))

    assert f"{side}×{side}" in assert_problem(answer, 422, "wrong-size")["detail"]


@pytest.mark.parametrize(
    ("data", "status", "slug"),
    [
        (b"just text", 415, "unsupported-media-type"),
        (b"\x89PNG\r\n\x1a\n", 422, "unreadable-image"),
        (b"\x00\x00\x00\x18ftypheic" + bytes(50), 415, "unsupported-media-type"),
    ],
)
def test_what_is_no_picture_is_refused(client, data, status, slug):
    assert_problem(predict(client, data), status, slug)


def test_a_claim_of_too_many_pixels_is_refused(client, png):
    data = bytearray(png(np.zeros((28, 28), np.uint8), "BMP"))
    data[18:26] = (50_000).to_bytes(4, "little") * 2

    assert_problem(predict(client, bytes(data)), 422, "too-many-pixels")


def test_a_batch_answers_each_file_in_order(client, png, real_pixels):
    files = [("files", (f"{index}.png", png(real_pixels[index]))) for index in range(50)]
    answer = client.post("/predict/batch", files=files, params={"top_k": 1})

    batch = BatchPrediction.model_validate(answer.json())
    assert (batch.count, batch.failed) == (50, 0)
    for index, result in enumerate(answer.json()["results"]):
        alone = predict(client, files[index][1][1], top_k=1).json()
        assert (result["index"], result["filename"]) == (index, f"{index}.png")
        assert result["class_name"] == alone["class_name"]
        assert result["confidence"] == pytest.approx(alone["confidence"], abs=1e-6)


def test_one_bad_file_never_spoils_the_others(client, boot):
    files = [("files", boot), ("files", b"text"), ("files", b""), ("files", boot)]
    answer = client.post("/predict/batch", files=files).json()

    assert (answer["count"], answer["failed"]) == (4, 2)
    good, text, empty, last = answer["results"]
    assert good["class_name"] == last["class_name"] == "Ankle boot"
    assert text["problem"]["type"] == "/problems/unsupported-media-type"
    assert empty["problem"]["type"] == "/problems/empty-body"
    assert text["problem"]["request_id"] == answer["request_id"]
