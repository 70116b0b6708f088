import numpy as np
import pytest

from service.errors import ModelRefused
from service.fashion_mnist import CLASS_NAMES
from service.images.read import read_picture
from training.evaluation.evaluate import Evaluation, Score, ServedModel, evaluate
from training.predict import four_views, predict


@pytest.fixture(scope="module")
def model(shipped_model):
    return ServedModel(shipped_model)


def test_a_served_model_predicts_what_the_service_answers(model, client, png, real_pixels):
    predictions = model.predict(real_pixels[:40], "exact")

    for place, pixels in enumerate(real_pixels[:40]):
        answer = client.post("/predict", files={"file": png(pixels)}).json()
        probabilities = [one["probability"] for one in answer["probabilities"]]
        assert predictions.probabilities[place].tolist() == pytest.approx(probabilities, abs=1e-6)
        assert predictions.certain[place] == (answer["decision"] == "certain")
        assert predictions.stranger_scores[place] == pytest.approx(
            answer["stranger_score"], abs=1e-5
        )


def test_a_served_model_predicts_what_the_service_answers_for_photographs(
    model, client, png, real_pixels
):
    carpet = np.random.default_rng(1).integers(150, 220, (168, 168), np.uint8)
    large = [np.kron(one, np.ones((6, 6), np.uint8)) for one in real_pixels[:5]]
    photographs = [png(np.where(one > 0, 255 - one, carpet)) for one in large]
    views = [read_picture(one, "photo", max_pixels=10**6).views for one in photographs]

    predictions = model.predict(np.stack([four_views(one) for one in views]), "photo")

    assert {len(one) for one in views} == {4}
    for place, photograph in enumerate(photographs):
        answer = client.post("/predict", files={"file": photograph}).json()
        probabilities = [one["probability"] for one in answer["probabilities"]]
        assert predictions.probabilities[place].tolist() == pytest.approx(probabilities, abs=1e-6)
        assert predictions.stranger_scores[place] == pytest.approx(
            answer["stranger_score"], abs=1e-5
        )


def test_some_of_the_predictions_can_be_selected(model, real_pixels):
    predictions = model.predict(real_pixels[:3], "exact")
    selected = predictions.select(np.array([False, True, True]))

    assert [len(one) for one in selected] == [2, 2, 2, 2]
    assert np.array_equal(selected.probabilities, predictions.probabilities[1:])


def test_a_file_that_may_not_serve_is_refused(tmp_path):
    (tmp_path / "model.h5").write_bytes(b"no model")

    with pytest.raises(ModelRefused):
        ServedModel(tmp_path / "model.h5")


def test_accuracy_and_loss_by_class():
    """Predictions that always say "Bag" with probability 0.91."""
    always_bag = np.full((100, 10), 0.01, np.float32)
    always_bag[:, CLASS_NAMES.index("Bag")] = 0.91
    labels = np.repeat(np.arange(10, dtype=np.uint8), 10)

    evaluation = evaluate(always_bag, labels)

    loss = -(0.1 * np.log(0.91) + 0.9 * np.log(0.01))
    assert evaluation.overall == Score(0.1, pytest.approx(loss, rel=1e-5), 100)
    assert evaluation.per_class["Bag"] == Score(1.0, pytest.approx(-np.log(0.91), rel=1e-5), 10)
    assert evaluation.per_class["Coat"].accuracy == 0


def test_an_evaluation_agrees_with_keras(fitted, data):
    model = fitted.model
    pictures = (data.test.pixels / 255.0).reshape(-1, *model.input_shape[1:])
    model.compile(loss="sparse_categorical_crossentropy", metrics=["accuracy"])

    loss, accuracy = model.evaluate(pictures, data.test.labels, verbose=0)

    overall = evaluate(predict(model, data.test.pixels), data.test.labels).overall
    assert (overall.loss, overall.accuracy) == pytest.approx((loss, accuracy), rel=1e-4)


SOME = Evaluation(Score(0.5, 1.25, 20), {name: Score(0.5, 1.25, 2) for name in CLASS_NAMES})


def test_the_table_has_a_line_for_each_class_and_for_all():
    lines = SOME.as_table().splitlines()

    assert lines[0].split() == ["class", "pictures", "accuracy", "loss"]
    assert lines[-1].split() == ["all", "20", "0.5000", "1.2500"]
    assert len(lines) == 12


def test_the_json_has_accuracy_loss_and_classes_at_its_top_level():
    document = SOME.as_json()

    assert (document["accuracy"], document["loss"]) == (0.5, 1.25)
    assert list(document["per_class"]) == list(CLASS_NAMES)
    assert document["per_class"]["Bag"] == {"accuracy": 0.5, "loss": 1.25, "pictures": 2}


def test_a_model_file_keeps_the_accuracy_of_each_class():
    assert SOME.measured().per_class["Coat"] == 0.5
