import pytest

from training.options.schedules import constant, cosine


def test_a_constant_rate_stays():
    assert constant(0.1, 100) == 0.1


def test_a_cosine_goes_from_the_rate_to_nothing_in_all_steps():
    rate = cosine(0.1, 100)

    assert [float(rate(step)) for step in (0, 50, 100)] == pytest.approx([0.1, 0.05, 0.0])
