from pathlib import Path

import pytest

from service.config.settings import Settings, load_settings
from service.errors import SettingsRefused
from service.fashion_mnist import MIN_CONFIDENCE

DOCS = Path(__file__).parents[3] / "docs" / "settings.md"


def test_the_defaults_serve_the_shipped_model_to_this_machine(monkeypatch):
    monkeypatch.delenv("FASHION_PORT", raising=False)
    settings = load_settings()

    assert settings.model_path == Path("models/best-model.h5")
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert settings.min_confidence == MIN_CONFIDENCE


def test_the_environment_overrides_them(monkeypatch):
    monkeypatch.setenv("FASHION_PORT", "9000")
    monkeypatch.setenv("FASHION_ACCESS_LOG", "false")

    settings = load_settings()
    assert settings.port == 9000
    assert settings.access_log is False


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("FASHION_PORT", "http", "integer"),
        ("FASHION_PORT", "70000", "65535"),
        ("FASHION_MAX_PIXELS", "0", "greater than 0"),
        ("FASHION_MIN_CONFIDENCE", "1.5", "less than or equal to 1"),
        ("FASHION_LOG_LEVEL", "loud", "'debug'"),
    ],
)
def test_a_bad_value_is_refused_by_name(monkeypatch, name, value, reason):
    monkeypatch.setenv(name, value)

    with pytest.raises(SettingsRefused, match=f"{name}={value}: .*{reason}"):
        load_settings()


def test_a_queue_shorter_than_a_batch_is_refused(monkeypatch):
    monkeypatch.setenv("FASHION_QUEUE_LENGTH", "10")

    with pytest.raises(SettingsRefused, match="FASHION_QUEUE_LENGTH must be at least"):
        load_settings()


def test_an_unknown_name_is_refused(monkeypatch):
    monkeypatch.setenv("FASHION_PROT", "9000")

    with pytest.raises(SettingsRefused, match="FASHION_PROT: no such setting"):
        load_settings()


def test_the_names_of_the_trainer_are_ignored(monkeypatch):
    monkeypatch.setenv("FASHION_DATA_DIR", "/somewhere")
    load_settings()


def test_the_docs_list_every_setting_with_its_default_and_reason():
    text = DOCS.read_text()

    for name, field in Settings.model_fields.items():
        row = f"| `FASHION_{name.upper()}` | `{_shown(field.default)}` | {field.description} |"
        assert row in text
    assert text.count("| `FASHION_") == len(Settings.model_fields)


def _shown(default):
    return str(default).lower() if isinstance(default, bool) else str(default)
