"""An engine, the images, and a deployment with Compose."""

import subprocess

import pytest

from tests.deploy.engine import TRAINING, Compose, docker, run, timed

NEEDED = {
    "docker version": "a Docker engine, 25 or newer, that runs (DOCKER_HOST can name it)",
    "docker compose version": "Docker's Compose plugin",
    "docker buildx version": "Docker's Buildx plugin",
}


@pytest.fixture(scope="session", autouse=True)
def engine():
    """End the run with exit code 2 if there is no engine: no test may be skipped in silence."""
    for command, need in NEEDED.items():
        try:
            subprocess.run(command.split(), capture_output=True, check=True)
        except (OSError, subprocess.CalledProcessError):
            pytest.exit(f"The container test needs {need}.", returncode=2)


@pytest.fixture(scope="session", autouse=True)
def images(engine):
    """Build both images."""
    print(f"`make image`: {timed(run, 'make', 'image'):.0f} s")
    seconds = timed(docker, "build", "--target", "training", "--tag", TRAINING, ".")
    print(f"build of the training image: {seconds:.0f} s")


@pytest.fixture(scope="module")
def compose():
    """A deployment that serves the shipped model from a new volume; removed at the end."""
    compose = Compose()
    compose.down()
    try:
        seconds = timed(compose, "up", "--detach", "--wait")
        print(f"`docker compose up` to healthy: {seconds:.1f} s")
        yield compose
    finally:
        compose.client.close()
        compose.down()
