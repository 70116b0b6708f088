import pytest

from training.options.defaults import configure
from training.options.optimizers import OPTIMIZERS, build_optimizer


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_optimizer_is_kerass_own_with_kerass_learning_rate(name):
    optimizer = build_optimizer(configure(optimizer=name), 100)

    assert type(optimizer).__name__.lower() == name
    assert float(optimizer.learning_rate) == pytest.approx(float(type(optimizer)().learning_rate))


@pytest.mark.parametrize(
    ("name", "options"),
    [("sgd", {"momentum": 0.9, "nesterov": True}), ("adamw", {"weight_decay": 0.1})],
)
def test_an_optimizer_gets_its_own_options(name, options):
    optimizer = build_optimizer(configure(optimizer=name, **options), 100)

    assert {option: getattr(optimizer, option) for option in options} == options


def test_an_optimizer_follows_the_schedule_over_all_steps():
    optimizer = build_optimizer(configure(schedule="cosine", learning_rate=0.5), 100)
    rates = []
    for step in (0, 50, 100):
        optimizer.iterations.assign(step)
        rates.append(float(optimizer.learning_rate))

    assert rates == pytest.approx([0.5, 0.25, 0.0])
