"""Dockerfile, Compose file and health check without an engine; tests/deploy needs one."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from service import __version__
from service.config.settings import PREFIX, Settings
from service.processes.worker_process import KILL_SECONDS
from tests.server import environment

ROOT = Path(__file__).parent.parent
PROGRAMS = Path(sys.executable).parent
DOCKERFILE = (ROOT / "Dockerfile").read_text()
COMPOSE = (ROOT / "docker-compose.yml").read_text()


def run(*command, **settings):
    return subprocess.run(
        command, cwd=ROOT, env=environment() | settings, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    "command",
    [
        ("hadolint", "Dockerfile"),
        ("check-jsonschema", "--builtin-schema=vendor.compose-spec", "docker-compose.yml"),
    ],
    ids=lambda command: command[0],
)
def test_dockerfile_and_compose_file_are_valid(command):
    done = run(PROGRAMS / command[0], *command[1:])

    assert done.returncode == 0, done.stdout + done.stderr


def test_all_stages_have_the_same_base_image():
    bases = re.findall(r"^FROM (\S+) AS (\S+)$", DOCKERFILE, re.MULTILINE)
    stages = {name for _, name in bases}

    assert {base for base, _ in bases} - stages == {"python:3.12-slim"}
    assert bases[-1][1] == "service", "`docker build .` builds the last stage"


def test_images_install_only_packages_pinned_with_hashes():
    installs = re.findall(r"pip install (.*?)(?:&&|\n[A-Z#])", DOCKERFILE, re.DOTALL)

    assert len(installs) == 2
    assert all("--require-hashes" in install for install in installs)


def test_images_have_the_version_of_the_project():
    assert re.findall(r"^ARG VERSION=(.*)$", DOCKERFILE, re.MULTILINE) == [__version__]
    assert re.findall(r"image: (.*)", COMPOSE) == [
        f"fashion-mnist-serving:{__version__}",
        f"fashion-mnist-training:{__version__}",
    ]


def test_only_named_files_are_sent_to_a_build():
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    named = [rule.removeprefix("!") for rule in rules if rule.startswith("!")]

    assert rules[0] == "*"
    assert [name for name in named if not (ROOT / name).exists()] == []
    assert "**/.*" in rules[-2:], "the last rules exclude hidden files such as .env"


def test_compose_passes_on_every_setting():
    passed = set(re.findall(r"^      - (FASHION_\w+)(?:=\$\{\1:-\d+\})?$", COMPOSE, re.MULTILINE))
    published = set(re.findall(r"ports: .*\$\{(\w+):.*\$\{(\w+):", COMPOSE)[0])

    assert published == {"FASHION_HOST", "FASHION_PORT"}
    assert passed | published == {PREFIX + name.upper() for name in Settings.model_fields}


def test_compose_waits_for_the_shutdown_delay_and_requests_in_flight():
    (delay,) = map(int, re.findall(r"FASHION_SHUTDOWN_DELAY:-(\d+)", COMPOSE))
    (grace,) = map(int, re.findall(r"stop_grace_period: (\d+)s", COMPOSE))

    assert delay == 5
    assert grace > delay + KILL_SECONDS


def test_the_health_check_asks_the_service(server):
    port = server.url.rpartition(":")[2]
    healthy = run(sys.executable, "deploy/healthcheck.py", FASHION_PORT=port)
    nobody = run(sys.executable, "deploy/healthcheck.py", FASHION_PORT="1")

    assert (healthy.returncode, healthy.stdout) == (0, "")
    assert nobody.returncode == 1
    assert nobody.stdout.startswith("http://127.0.0.1:1/readyz: ")
    assert nobody.stderr == ""


def test_without_an_engine_the_container_test_fails_and_says_why():
    nowhere = {"PATH": "/nonexistent", "DOCKER_HOST": "unix:///nonexistent"}
    done = run(sys.executable, "-m", "pytest", "-m", "docker", "tests/deploy", **nowhere)

    assert done.returncode == 2
    assert "The container test needs a Docker engine" in done.stdout
    assert " skipped" not in done.stdout
