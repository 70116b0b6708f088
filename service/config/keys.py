"""The API keys, kept only as digests."""

import re
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final, Self

from pydantic import SecretStr

from service.config.settings import Settings
from service.errors import SettingsRefused

FORM: Final = re.compile(r"[!-+\--~]{16,256}")
"""ASCII letters, digits and punctuation, except the comma, which separates keys."""


@dataclass(frozen=True)
class Keys:
    """The sha256 digests of the keys; an empty tuple if none is set."""

    user: tuple[bytes, ...] = ()
    admin: tuple[bytes, ...] = ()

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """Read the keys that the settings name.

        Raises:
            SettingsRefused: a file cannot be read, a setting holds no key, a key is too short or
                has characters that a header cannot carry, or users and admins share a key. The
                message never shows a key.
        """
        keys = cls(
            user=_digests("API_KEYS", settings.api_keys, settings.api_keys_file),
            admin=_digests("ADMIN_KEY", settings.admin_key, settings.admin_key_file),
        )
        if set(keys.user) & set(keys.admin):
            raise SettingsRefused(
                "a key is both in FASHION_API_KEYS and FASHION_ADMIN_KEY: make another for admins."
            )
        if settings.metrics_key == "user" and not keys.user:
            raise SettingsRefused("FASHION_METRICS_KEY=user needs FASHION_API_KEYS: set a key.")
        return keys


def _digests(name: str, value: SecretStr | None, file: Path | None) -> tuple[bytes, ...]:
    found: tuple[bytes, ...] = ()
    if value is not None:
        found += _parse(f"FASHION_{name}", value.get_secret_value().split(","))
    if file is not None:
        found += _parse(f"FASHION_{name}_FILE", _lines(f"FASHION_{name}_FILE", file))
    return found


def _lines(name: str, file: Path) -> list[str]:
    try:
        return file.read_text().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not a text file"
        raise SettingsRefused(f"{name}={file} cannot be read: {reason}.") from None


def _parse(name: str, texts: list[str]) -> tuple[bytes, ...]:
    keys = [text.strip() for text in texts if text.strip()]
    if not keys:
        raise SettingsRefused(f"{name} holds no key: add one, or do not set it.")
    if not all(FORM.fullmatch(key) for key in keys):
        raise SettingsRefused(
            f"a key in {name} is not 16 to 256 ASCII letters, digits or signs (no space or comma): "
            "`openssl rand -hex 32` makes a good one."
        )
    return tuple(sha256(key.encode()).digest() for key in keys)
