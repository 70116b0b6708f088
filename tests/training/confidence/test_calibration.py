import numpy as np
import pytest

from service.model.confidence import scale_by_temperature
from training.confidence.calibration import (
    calibration_error,
    fit_temperature,
    is_right,
    reliability,
)


def one_hot(labels):
    return np.eye(10, dtype=bool)[labels]


@pytest.fixture
def calibrated():
    """Probabilities of 20,000 pictures, and right classes drawn with these probabilities."""
    random = np.random.default_rng(3)
    probabilities = random.dirichlet(np.full(10, 0.3), 20_000)
    drawn = (probabilities.cumsum(axis=1) > random.random((20_000, 1))).argmax(axis=1)
    return probabilities.astype(np.float32), one_hot(drawn)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.5])
def test_the_temperature_that_decalibrated_is_found(calibrated, temperature):
    probabilities, allowed = calibrated
    decalibrated = scale_by_temperature(probabilities, 1 / temperature)

    assert fit_temperature(decalibrated, allowed) == pytest.approx(temperature, rel=0.05)


def test_sharpened_probabilities_have_a_calibration_error(calibrated):
    probabilities, allowed = calibrated

    assert calibration_error(probabilities, allowed) < 0.02
    assert calibration_error(scale_by_temperature(probabilities, 0.3), allowed) > 0.1


def test_the_error_is_the_gap_in_each_bin_weighted_by_its_pictures():
    sure, half = np.eye(10)[0], np.array([0.5, 0.3, 0.2, 0, 0, 0, 0, 0, 0, 0])
    probabilities = np.stack([sure, sure, half, half]).astype(np.float32)
    allowed = one_hot([0, 1, 0, 0])

    assert reliability(probabilities, allowed) == [(0.5, 0.5, 1.0), (0.5, 1.0, 0.5)]
    assert calibration_error(probabilities, allowed) == 0.5


def test_any_of_several_allowed_classes_is_right():
    probabilities = np.full((2, 10), 0.05, np.float32)
    probabilities[0, 5] = probabilities[1, 0] = 0.55
    allowed = one_hot([5, 5]) | one_hot([7, 7])

    assert is_right(probabilities, allowed).tolist() == [True, False]
    assert fit_temperature(probabilities[:1], allowed[:1]) == pytest.approx(0.1)


def test_a_temperature_that_does_not_lower_the_error_is_not_used():
    """A few confident answers are wrong, which raises it; the others are underconfident."""
    probabilities = np.full((1000, 10), 0.01, np.float32)
    probabilities[:, 0] = 0.91
    probabilities[900:] = np.array([1] + [1e-10] * 9)
    allowed = one_hot([0] * 882 + [1] * 18 + [0] * 80 + [1] * 20)

    assert fit_temperature(probabilities[900:], allowed[900:]) > 1.5
    assert fit_temperature(probabilities, allowed) == 1


def test_a_right_class_with_probability_zero_does_no_harm():
    certain = np.eye(10, dtype=np.float32)[[0, 1]]

    assert fit_temperature(certain, one_hot([0, 2])) == 1


def test_a_right_class_may_be_among_the_likeliest():
    probabilities = np.array([[0.5, 0.3, 0.2, 0], [0.1, 0.2, 0.3, 0.4]], np.float32)
    allowed = np.array([[True, False, False, True], [True, True, False, False]])
    found = [is_right(probabilities, allowed, top).tolist() for top in (1, 2, 3)]

    assert found == [[True, False], [True, False], [True, True]]
