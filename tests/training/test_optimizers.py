import pytest

from training.configure import configure
from training.optimizers import OPTIMIZERS, build_optimizer


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_optimizer_is_kerass_own_of_that_name(name):
    config = configure(optimizer=name)

    optimizer = build_optimizer(config)

    assert type(optimizer).__name__.lower() == name
    assert float(optimizer.learning_rate) == pytest.approx(config.learning_rate)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_default_learning_rate_is_kerass_own(name):
    optimizer = build_optimizer(configure(optimizer=name))

    assert float(optimizer.learning_rate) == pytest.approx(float(type(optimizer)().learning_rate))


def test_sgd_takes_momentum_and_nesterov():
    optimizer = build_optimizer(configure(optimizer="sgd", momentum=0.9, nesterov=True))

    assert (optimizer.momentum, optimizer.nesterov) == (0.9, True)
