import pytest

from training.options.defaults import configure
from training.options.optimizers import OPTIMIZERS, build_optimizer


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_optimizer_is_kerass_own_of_that_name(name):
    config = configure(optimizer=name)

    optimizer = build_optimizer(config, 100)

    assert type(optimizer).__name__.lower() == name
    assert float(optimizer.learning_rate) == pytest.approx(config.learning_rate)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_default_learning_rate_is_kerass_own(name):
    optimizer = build_optimizer(configure(optimizer=name), 100)

    assert float(optimizer.learning_rate) == pytest.approx(float(type(optimizer)().learning_rate))


def test_sgd_takes_momentum_and_nesterov():
    optimizer = build_optimizer(configure(optimizer="sgd", momentum=0.9, nesterov=True), 100)

    assert (optimizer.momentum, optimizer.nesterov) == (0.9, True)


def test_adamw_takes_weight_decay():
    optimizer = build_optimizer(configure(optimizer="adamw", weight_decay=0.1), 100)

    assert optimizer.weight_decay == 0.1


def test_an_optimizer_follows_the_schedule_over_all_steps():
    optimizer = build_optimizer(configure(schedule="cosine", learning_rate=0.5), 100)
    rates = []
    for step in (0, 50, 100):
        optimizer.iterations.assign(step)
        rates.append(float(optimizer.learning_rate))

    assert rates == pytest.approx([0.5, 0.25, 0.0])
