from pathlib import Path

import pytest

from training.options.config import (
    OptionRefused,
    TrainingConfig,
    data_folder,
    flag,
)


def test_every_option_has_a_description():
    assert all(field.description for field in TrainingConfig.model_fields.values())


@pytest.mark.parametrize(
    ("name", "value", "rule"),
    [
        ("learning_rate", 0.0, "a number above 0"),
        ("learning_rate", float("inf"), "a number above 0"),
        ("learning_rate", float("nan"), "a number above 0"),
        ("momentum", 1.0, "a number at least 0 and below 1"),
        ("weight_decay", -0.1, "a number at least 0 and below 1"),
        ("average", 1.0, "a number at least 0 and below 1"),
        ("hidden_units", 10, "a whole number from 11 to 10000"),
        ("dropout_rate", -0.1, "a number at least 0 and below 1"),
        ("epochs", 0, "a whole number from 1 to 10000"),
        ("patience", 0, "a whole number from 1 to 10000"),
        ("batch_size", 60_001, "a whole number from 1 to 60000"),
        ("validation_share", 1.0, "a number above 0 and below 1"),
        ("seed", -1, "a whole number from 0 to 2147483647"),
        ("watch", "speed", "loss or accuracy"),
    ],
)
def test_the_message_for_a_wrong_value_says_what_is_allowed(name, value, rule):
    with pytest.raises(OptionRefused) as refusal:
        TrainingConfig(**{name: value})

    assert str(refusal.value) == f"{flag(name)} must be {rule}; {value} was given."


def test_settings_are_the_options_that_decide_the_weights():
    settings = TrainingConfig().settings()

    assert "seed" in settings
    assert not settings.keys() & {"data_dir", "output", "quiet", "resume"}


def test_a_given_folder_comes_before_the_environment(monkeypatch):
    monkeypatch.setenv("FASHION_DATA_DIR", "/data")

    assert data_folder(Path("/mine")) == (Path("/mine"), False)
    assert data_folder(None) == (Path("/data"), False)


def test_without_a_folder_the_data_are_downloaded_to_the_cache(monkeypatch):
    monkeypatch.setenv("FASHION_CACHE_DIR", "/cache")
    assert data_folder(None) == (Path("/cache"), True)

    monkeypatch.delenv("FASHION_CACHE_DIR")
    assert data_folder(None) == (Path.home() / ".cache" / "fashion-mnist-serving", True)
