import keras
import numpy as np
import pytest

from training.fitting import loss as module

ANSWER = np.array([[0.6, 0.3, 0.1]], np.float32)


def loss(*target):
    return float(module.loss(np.array([target], np.float32), ANSWER)[0])


def accuracy(*target):
    metric = module.accuracy()
    metric.update_state(np.array([target], np.float32), ANSWER)
    return float(metric.result())


def test_with_one_right_class_it_is_the_cross_entropy():
    expected = keras.losses.categorical_crossentropy([[0.0, 1.0, 0.0]], ANSWER)

    assert loss(0, 1, 0) == pytest.approx(float(expected[0]), rel=1e-5)


def test_any_of_several_right_classes_will_do():
    assert loss(1, 1, 0) == pytest.approx(-np.log(0.9), rel=1e-5)


def test_a_less_likely_class_counts_less():
    assert loss(0.3, 1, 0) == pytest.approx(-np.log(0.3 * 0.6 + 0.3), rel=1e-5)


def test_what_is_called_impossible_costs_much_and_not_infinitely():
    target, answer = np.array([[0, 1]], np.float32), np.array([[1, 0]], np.float32)

    assert 10 < float(module.loss(target, answer)[0]) < 20


@pytest.mark.parametrize(("target", "right"), [((1, 1, 0), 1), ((0.3, 1, 0), 1), ((0, 1, 1), 0)])
def test_an_answer_is_right_if_its_likeliest_class_is_one_of_the_right_ones(target, right):
    assert accuracy(*target) == right
