"""schemathesis sends a real server thousands of odd requests, made from the OpenAPI document."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.server import running_server

CONFIG = Path(__file__).with_name("schemathesis.toml")
EXAMPLES = int(os.environ.get("EXAMPLES", "40"))
ADMIN_KEY = "an-admin-key-for-this-test"


@pytest.fixture(scope="module")
def server():
    """A server of its own, because requests reload its model."""
    with running_server(access_log=False, admin_key=ADMIN_KEY) as running:
        yield running


def test_no_request_causes_a_fault_and_every_answer_is_as_documented(server, tmp_path):
    program = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIG), "run"]
    options = ["--seed=7", f"--max-examples={EXAMPLES}", "--continue-on-failure", "--no-color"]
    options += ["--max-response-time=5", "--generation-database=none"]
    done = subprocess.run(
        [*program, f"{server.url}/openapi.json", f"--header=X-API-Key:{ADMIN_KEY}", *options],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 selected" not in done.stdout
    assert server.process.poll() is None
