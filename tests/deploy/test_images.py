"""The two images: how large they are, what they hold, and how fast they are rebuilt."""

import json
import shutil
import time

import pytest

from service import __version__
from tests.deploy.engine import NAME, ROOT, SERVICE, TRAINING, docker, inspect, timed

pytestmark = pytest.mark.docker

UNWANTED = """
import importlib.util, json, shutil
modules = [m for m in ("tensorflow", "keras", "training", "pip") if importlib.util.find_spec(m)]
print(json.dumps(modules + [p for p in ("pip", "gcc", "cc", "g++", "make") if shutil.which(p)]))
"""


@pytest.mark.parametrize(("name", "limit_mb"), [(SERVICE, 550), (TRAINING, 1800)])
def test_an_image_is_small(name, limit_mb):
    size = inspect(name)["Size"] / 1e6
    print(f"size of {name}: {size:.0f} MB")

    assert size <= limit_mb


def test_the_service_image_names_its_version_and_its_user():
    config = inspect(SERVICE)["Config"]

    assert config["Labels"]["org.opencontainers.image.version"] == __version__
    assert config["User"] == "10001:10001"


def test_the_service_image_holds_no_tensorflow_training_code_compiler_or_pip():
    assert json.loads(docker("run", "--rm", "--entrypoint=python", SERVICE, "-c", UNWANTED)) == []


def test_a_change_of_code_is_built_in_five_seconds_and_without_the_checkouts_secrets(tmp_path):
    for name in ("Dockerfile", ".dockerignore"):
        shutil.copy(ROOT / name, tmp_path)
    for name in ("deploy", "models", "requirements", "service", "training"):
        shutil.copytree(ROOT / name, tmp_path / name)
    for secret in (".env", "service/.env", "models/key.pem"):
        (tmp_path / secret).write_text("secret")
    with (tmp_path / "service" / "fashion_mnist.py").open("a") as code:
        code.write(f"# {time.time()}\n")
    seconds = timed(docker, "build", "--tag", NAME, tmp_path)
    print(f"build after a change of code: {seconds:.1f} s")
    files = docker("run", "--rm", "--entrypoint=find", NAME, "/app").splitlines()
    docker("rmi", NAME)

    assert seconds < 5
    assert "/app/service/fashion_mnist.py" in files
    assert not [path for path in files if path.endswith((".env", ".pem"))]
