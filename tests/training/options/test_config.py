from pathlib import Path

import pytest

from training.options.config import (
    OptionRefused,
    TrainingConfig,
    cache_dir,
    data_dir,
    flag,
    options,
)


def test_the_defaults_are_those_of_the_shipped_model():
    config = TrainingConfig()

    assert (config.recipe, config.optimizer, config.seed) == ("dropout", "adam", 42)
    assert (config.hidden_units, config.dropout_rate) == (100, 0.3)
    assert (config.schedule, config.average, config.augment) == ("constant", 0.0, False)
    assert (config.epochs, config.patience, config.batch_size) == (20, 2, 32)
    assert (config.validation_share, config.output) == (0.2, Path("models/best-model.h5"))


def test_every_option_explains_itself():
    assert all(option.help for option in options().values())


@pytest.mark.parametrize(
    ("name", "value", "rule"),
    [
        ("learning_rate", 0.0, "a finite number above 0"),
        ("learning_rate", float("inf"), "a finite number above 0"),
        ("learning_rate", float("nan"), "a finite number above 0"),
        ("momentum", 1.0, "at least 0 and below 1"),
        ("weight_decay", -0.1, "at least 0 and below 1"),
        ("average", 1.0, "at least 0 and below 1"),
        ("hidden_units", 10, "a whole number from 11 to 10000"),
        ("dropout_rate", -0.1, "at least 0 and below 1"),
        ("epochs", 0, "a whole number from 1 to 10000"),
        ("patience", 0, "a whole number from 1 to 10000"),
        ("batch_size", 60_001, "a whole number from 1 to 60000"),
        ("validation_share", 1.0, "above 0 and below 1"),
        ("seed", -1, "a whole number from 0 to 2147483647"),
    ],
)
def test_a_value_out_of_range_is_refused_with_the_range(name, value, rule):
    with pytest.raises(OptionRefused) as refusal:
        TrainingConfig(**{name: value})

    assert str(refusal.value) == f"{flag(name)} must be {rule}; {value} was given."


def test_settings_are_what_decides_the_weights():
    settings = TrainingConfig().settings()

    assert "seed" in settings
    assert not settings.keys() & {"data_dir", "output", "quiet", "resume"}


def test_the_environment_names_the_folders():
    given = {"FASHION_DATA_DIR": "/data", "FASHION_CACHE_DIR": "/cache"}

    assert (data_dir(given), cache_dir(given)) == (Path("/data"), Path("/cache"))


def test_without_an_environment_the_cache_is_in_the_users_home():
    assert data_dir({}) is None
    assert cache_dir({}) == Path.home() / ".cache" / "fashion-mnist-serving"
