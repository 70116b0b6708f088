import numpy as np
import pytest

from service.fashion_mnist import CLASS_NAMES
from service.model.confidence import pooled
from training.data.dataset import Pictures
from training.evaluation.evaluate import Evaluation, Score, TrainingFailed, answers, evaluate


@pytest.fixture
def always_bag(network):
    """A network that says "Bag" with probability 0.91, and 0.01 for each other class."""
    model = network()
    for weight in model.weights:
        weight.assign(np.zeros(weight.shape))
    bias = np.log(np.full(10, 0.01))
    bias[CLASS_NAMES.index("Bag")] = np.log(0.91)
    model.get_layer("classes").bias.assign(bias)
    return model


def test_accuracy_and_loss_are_what_the_answers_deserve(always_bag, data):
    evaluation = evaluate(always_bag, data.test)

    bags = 95
    assert evaluation.overall.accuracy == bags / 1000
    expected = -(bags * np.log(0.91) + (1000 - bags) * np.log(0.01)) / 1000
    assert evaluation.overall.loss == pytest.approx(expected, rel=1e-5)
    assert evaluation.per_class["Bag"] == Score(1.0, pytest.approx(-np.log(0.91), rel=1e-5), bags)
    assert evaluation.per_class["Coat"].accuracy == 0


def test_an_evaluation_agrees_with_keras(fitted, data):
    model = fitted.model
    pictures = (data.test.pixels / 255.0).reshape(-1, *model.input_shape[1:])
    model.compile(loss="sparse_categorical_crossentropy", metrics=["accuracy"])

    loss, accuracy = model.evaluate(pictures, data.test.labels, verbose=0)

    overall = evaluate(model, data.test).overall
    assert (overall.loss, overall.accuracy) == pytest.approx((loss, accuracy), rel=1e-4)


def test_a_photograph_gets_what_the_answers_to_its_views_pool_to(fitted, data):
    pixels = data.test.pixels[:20]
    views = np.stack([pixels, pixels[:, :, ::-1]], axis=1)
    each = answers(fitted.model, pixels), answers(fitted.model, pixels[:, :, ::-1])

    assert answers(fitted.model, views) == pytest.approx(pooled(np.stack(each, 1)), abs=1e-6)


def test_a_network_that_answers_what_is_no_number_is_refused(always_bag, data):
    always_bag.get_layer("classes").bias.assign(np.full(10, np.nan))

    with pytest.raises(TrainingFailed, match="with a smaller --learning-rate"):
        evaluate(always_bag, Pictures(data.test.pixels[:10], data.test.labels[:10]))


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
