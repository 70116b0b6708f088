"""What docs/deployment.md promises of keys: in files that Compose mounts, asked for by all."""

import os
import re
import secrets
from pathlib import Path
from typing import Final

from client import ask
from compose import Compose
from engine import ROOT, Report

USER: Final = 10001
FOLDER: Final = "/etc/fashion"
"""Where the page has the keys; here it is a temporary folder."""


def check(report: Report, compose: Compose, folder: Path) -> None:
    """Start the service anew with the page's own file, and ask with every key."""
    keys = {name: _write_key(folder / name) for name in ("users", "admin")}
    page = (ROOT / "docs" / "deployment.md").read_text()
    (text,) = re.findall(r"^```text\n(services:\n.*?)^```$", page, re.MULTILINE | re.DOTALL)
    override = folder / "docker-compose.override.yml"
    override.write_text(text.replace(FOLDER, str(folder)))
    compose("-f", "docker-compose.yml", "-f", override, "up", "--detach", "--wait")
    asked = (
        ("without a key, the model", "/model", None, "", 401),
        ("with a user's key, the model", "/model", None, keys["users"], 200),
        ("with a user's key, a reload", "/model/reload", b"", keys["users"], 403),
        ("with an admin's key, a reload", "/model/reload", b"", keys["admin"], 200),
    )
    for what, path, body, key, wanted in asked:
        status, _ = ask(f"{compose.url}{path}", body, key=key)
        report.promise(status == wanted, what, status, str(wanted))


def _write_key(path: Path) -> str:
    """Write a new key for the container's user alone to read, and return it."""
    key = secrets.token_hex(32)
    path.write_text(f"{key}\n")
    if os.getuid() == 0:
        os.chown(path, USER, USER)
        path.chmod(0o400)
    else:  # who may not give a file away must let others read it
        path.chmod(0o444)
    return key
