from hashlib import sha256

import pytest

from service.config.keys import Keys
from service.config.settings import Settings
from service.errors import SettingsRefused
from tests.server import failing_start

FIRST, SECOND = "first-key-of-users", "second-key-of-users"


def digests(*keys):
    return tuple(sha256(key.encode()).digest() for key in keys)


def test_without_settings_there_are_no_keys():
    assert Keys.from_settings(Settings()) == Keys((), ())


def test_keys_come_from_the_setting_and_from_the_file(tmp_path):
    file = tmp_path / "keys"
    file.write_text(f"{SECOND}\n\n")
    keys = Keys.from_settings(Settings(api_keys=f"{FIRST}, ", api_keys_file=file))

    assert keys.user == digests(FIRST, SECOND)
    assert keys.admin == ()


@pytest.mark.parametrize("key", ["short", "x" * 257, "with a space in it", "umläut-umläut-umläut"])
def test_an_invalid_key_is_refused_without_showing_it(key):
    with pytest.raises(SettingsRefused, match="FASHION_ADMIN_KEY") as refusal:
        Keys.from_settings(Settings(admin_key=key))

    assert key not in str(refusal.value)


@pytest.mark.parametrize("given", ["", " , "])
def test_a_setting_without_a_key_is_refused(given):
    with pytest.raises(SettingsRefused, match="FASHION_API_KEYS holds no key"):
        Keys.from_settings(Settings(api_keys=given))


def test_a_missing_file_ends_the_start_with_one_sentence(tmp_path):
    code, said = failing_start(api_keys_file=tmp_path / "keys")

    assert code == 2
    assert said.startswith("fashion-serve: FASHION_API_KEYS_FILE=")
    assert said.count("\n") == 1


def test_a_file_that_is_not_text_is_refused(tmp_path):
    (tmp_path / "keys").write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsRefused, match="it is not a text file"):
        Keys.from_settings(Settings(admin_key_file=tmp_path / "keys"))


def test_one_key_for_users_and_admins_is_refused():
    with pytest.raises(SettingsRefused, match="make another for admins"):
        Keys.from_settings(Settings(api_keys=FIRST, admin_key=FIRST))


def test_a_key_for_the_metrics_needs_one_to_exist():
    with pytest.raises(SettingsRefused, match="FASHION_METRICS_KEY=user needs FASHION_API_KEYS"):
        Keys.from_settings(Settings(metrics_key="user"))


def test_settings_show_no_key():
    settings = Settings(api_keys=FIRST, admin_key=SECOND)

    assert FIRST not in repr(settings) + settings.model_dump_json()
    assert SECOND not in repr(settings) + settings.model_dump_json()
