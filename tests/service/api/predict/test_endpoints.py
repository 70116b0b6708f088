import base64
import io

import numpy as np
import pytest
from PIL import Image

from service.api.schemas import BatchPrediction, Prediction
from service.fashion_mnist import CLASS_NAMES, to_rows
from service.model.classifier import Classifier
from service.model.confidence import pooled
from tests.problem import assert_problem
from tests.server import running_server


def predict(client, data, **query):
    return client.post("/predict", files={"file": data}, params=query)


def test_the_answer_is_what_the_schema_promises(client, boot):
    answer = predict(client, boot)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    prediction = Prediction.model_validate(answer.json(), extra="forbid")
    assert prediction.class_name == "Ankle boot"
    assert prediction.request_id == answer.headers["x-request-id"]


def test_raw_probabilities_are_the_graphs(client, examined, png, real_pixels):
    expected = Classifier(examined.graph).probabilities(to_rows(real_pixels[:20]))

    for pixels, numbers in zip(real_pixels, expected, strict=False):
        answer = predict(client, png(pixels), raw=True).json()
        found = [one["probability"] for one in answer["probabilities"]]
        assert found == pytest.approx(numbers, abs=1e-6)
        assert [one["class_name"] for one in answer["probabilities"]] == list(CLASS_NAMES)
        assert answer["confidence"] == max(found)
        assert answer["class_index"] == found.index(max(found))


def test_top_k_answers_the_most_probable_first(client, boot):
    everything = predict(client, boot).json()["probabilities"]
    best = predict(client, boot, top_k=3).json()["probabilities"]

    assert best == sorted(everything, key=lambda one: -one["probability"])[:3]


def test_the_preview_is_what_the_model_saw(client, boot, real_pixels):
    preview = predict(client, boot, preview=True).json()["preview"]
    kind, data = preview.split(",")

    assert kind == "data:image/png;base64"
    assert (np.asarray(Image.open(io.BytesIO(base64.b64decode(data)))) == real_pixels[0]).all()


def test_the_answer_names_the_model_and_the_picture(client, examined, png, real_pixels):
    rgba = np.dstack([real_pixels[0]] * 3 + [np.full((28, 28), 255, np.uint8)])
    answer = predict(client, png(rgba)).json()

    assert answer["model"] == {"digest": examined.digest, "version": examined.digest[:12]}
    assert answer["input"] == {"fit": "exact", "width": 28, "height": 28, "mode": "RGBA"}


@pytest.mark.parametrize("side", [1, 27, 5000])
def test_exact_refuses_another_size_and_names_it(client, png, side):
    answer = predict(client, png(np.zeros((side, side), np.uint8)), fit="exact")

    assert f"{side}×{side}" in assert_problem(answer, 422, "wrong-size")["detail"]


@pytest.fixture
def photograph(png, real_pixels):
    """A black boot on light grey, 600 pixels wide and 400 high, at its right edge."""
    pixels = np.full((400, 600, 3), 230, np.uint8)
    boot = np.kron(255 - real_pixels[0], np.ones((10, 10), np.uint8))
    pixels[60:340, 280:560] = np.minimum(boot, 230)[..., None]
    return png(pixels, "JPEG", quality=95)


def test_a_picture_of_another_size_is_a_photograph(client, photograph):
    answer = predict(client, photograph, preview=True).json()
    given, crop = answer["input"], answer["input"]["crop"]

    Prediction.model_validate(answer, extra="forbid")
    assert (given["fit"], given["width"], given["height"]) == ("photo", 600, 400)
    assert given["mode"] == "RGB"
    assert 270 <= crop["left"] < 290
    assert 550 < crop["right"] <= 570
    assert 50 <= crop["top"] < crop["bottom"] <= 350
    assert answer["preview"].startswith("data:image/png;base64,")


def test_a_photographs_answer_is_pooled_over_its_views(client, photograph, png):
    first = predict(client, photograph, preview=True, raw=True).json()
    seen = base64.b64decode(first["preview"].partition(",")[2])
    mirrored = png(np.asarray(Image.open(io.BytesIO(seen)))[:, ::-1])
    both = [predict(client, data, raw=True).json() for data in (seen, mirrored)]

    assert [one["input"]["fit"] for one in both] == ["exact", "exact"]
    found, *each = [
        [one["probability"] for one in answer["probabilities"]] for answer in (first, *both)
    ]
    assert found == pytest.approx(pooled(np.array(each)), abs=1e-6)


def test_a_batch_may_mix_photographs_exact_pictures_and_bad_files(client, boot, photograph):
    files = [("files", data) for data in (boot, photograph, b"text", b"", boot)]
    answer = client.post("/predict/batch", files=files).json()
    first, second, text, empty, last = answer["results"]
    alone = predict(client, photograph).json()

    assert (answer["count"], answer["failed"]) == (5, 2)
    assert (first["class_name"], first["input"]["fit"]) == ("Ankle boot", "exact")
    assert last["probabilities"] == first["probabilities"]
    assert second["input"] == alone["input"]
    assert second["confidence"] == pytest.approx(alone["confidence"], abs=1e-6)
    assert text["problem"]["type"] == "/problems/unsupported-media-type"
    assert empty["problem"]["type"] == "/problems/empty-body"
    assert text["problem"]["request_id"] == answer["request_id"]


def test_photographs_are_answered_with_a_batch_size_of_one(photograph):
    with running_server(batch_size=1) as server, server.client() as client:
        assert predict(client, photograph).status_code == 200
        files = [("files", photograph)] * 3
        assert client.post("/predict/batch", files=files).json()["failed"] == 0


@pytest.mark.parametrize(
    ("data", "status", "slug"),
    [
        (b"just text", 415, "unsupported-media-type"),
        (b"\x89PNG\r\n\x1a\n", 422, "unreadable-image"),
        (b"\x00\x00\x00\x18ftypheic" + bytes(50), 415, "unsupported-media-type"),
    ],
)
def test_a_file_that_is_no_picture_is_refused(client, data, status, slug):
    assert_problem(predict(client, data), status, slug)


def test_a_header_that_claims_too_many_pixels_is_refused(client, png):
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
