"""What can be known of the container without an engine; `make container-test` proves the rest."""

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


def pins(name):
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    return set(re.findall(r"^([\w.-]+==\S+)", text, re.MULTILINE))


@pytest.mark.parametrize(
    "command",
    [
        ("hadolint", "Dockerfile"),
        ("check-jsonschema", "--builtin-schema=vendor.compose-spec", "docker-compose.yml"),
    ],
    ids=lambda command: command[0],
)
def test_a_file_of_the_container_is_well_formed(command):
    done = run(PROGRAMS / command[0], *command[1:])

    assert done.returncode == 0, done.stdout + done.stderr


def test_every_stage_begins_with_one_base_image_or_another_stage():
    bases = re.findall(r"^FROM (\S+) AS (\S+)$", DOCKERFILE, re.MULTILINE)
    stages = {name for _, name in bases}

    assert {base for base, _ in bases} - stages == {"python:3.12-slim"}
    assert bases[-1][1] == "service", "the last stage is what `docker build .` makes"


def test_packages_are_installed_from_pins_with_hashes_alone():
    installs = re.findall(r"pip install (.*?)(?:&&|\n[A-Z#])", DOCKERFILE, re.DOTALL)

    assert len(installs) == 2
    assert all("--require-hashes" in install for install in installs)


def test_the_training_image_has_the_tested_versions():
    tested = pins("development")
    packaged = {pin.replace("tensorflow-cpu==", "tensorflow==") for pin in pins("training-image")}

    assert pins("serving") < packaged < tested
    assert any(pin.startswith("tensorflow-cpu==") for pin in pins("training-image"))


def test_images_bear_the_version_of_the_project():
    assert re.findall(r"^ARG VERSION=(.*)$", DOCKERFILE, re.MULTILINE) == [__version__]
    assert re.findall(r"image: (.*)", COMPOSE) == [
        f"fashion-mnist-serving:{__version__}",
        f"fashion-mnist-training:{__version__}",
    ]


def test_nothing_goes_to_a_build_but_what_is_named():
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    named = [rule.removeprefix("!") for rule in rules if rule.startswith("!")]

    assert rules[0] == "*"
    assert [name for name in named if not (ROOT / name).exists()] == []
    assert "**/.*" in rules[-2:], "hidden files, such as .env, are taken out last"


def test_compose_passes_every_setting_on():
    passed = set(re.findall(r"^      - (FASHION_\w+)(?:=\$\{\1:-\d+\})?$", COMPOSE, re.MULTILINE))
    published = set(re.findall(r"ports: .*\$\{(\w+):.*\$\{(\w+):", COMPOSE)[0])

    assert published == {"FASHION_HOST", "FASHION_PORT"}
    assert passed | published == {PREFIX + name.upper() for name in Settings.model_fields}


def test_compose_leaves_time_for_the_balancer_and_for_what_is_under_way():
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


def test_where_there_is_no_engine_the_container_test_says_so():
    nowhere = {"PATH": "/nonexistent", "DOCKER_HOST": "unix:///nonexistent"}
    done = run(sys.executable, "deploy/container_test.py", **nowhere)

    assert done.returncode == 2
    assert done.stderr.startswith("container-test needs a Docker engine")
    assert done.stderr.count("\n") == 1
