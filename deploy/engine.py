"""The Docker engine, as the container test uses it: commands, waiting, and a report."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parent.parent
NAME: Final = "fashion-container-test"
"""What the containers, volumes and networks of the test are called."""

EXECUTED: Final[list[str]] = []
"""Every command that was run, in order."""

PLAIN_ENVIRONMENT: Final = {k: v for k, v in os.environ.items() if not k.startswith("FASHION_")}


class Broken(Exception):
    """A step that everything after it needs has failed; the message says which, and its output."""


@dataclass
class Report:
    """One line per promise, as it is checked; `broken` counts those that were not kept."""

    broken: int = 0
    started: float = field(default_factory=time.monotonic)

    def promise(self, kept: bool, what: str, measured: object, target: str = "") -> None:
        """Print whether a promise was kept, what was measured, and what it had to be."""
        self.broken += not kept
        aim = f" (target: {target})" if target else ""
        print(f"{'ok    ' if kept else 'BROKEN'}  {what}: {measured}{aim}", flush=True)


def missing() -> str:
    """Return what this machine lacks for running containers, or an empty text."""
    needs = {
        "docker version": "a Docker engine, 25 or newer, that runs (DOCKER_HOST may name it)",
        "docker compose version": "Docker's Compose plugin",
        "docker buildx version": "Docker's Buildx plugin",
    }
    for command, need in needs.items():
        try:
            subprocess.run(command.split(), capture_output=True, check=True)
        except (OSError, subprocess.CalledProcessError):
            return need
    return ""


def run(*command: str | Path, stdin: str | None = None, **settings: str) -> str:
    """Run a command from the project's folder and return what it printed.

    Raises:
        Broken: it failed.
    """
    EXECUTED.append(" ".join(map(str, command)))
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=PLAIN_ENVIRONMENT | settings,
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        said = "\n".join((done.stdout + done.stderr).strip().splitlines()[-30:])
        raise Broken(f"`{EXECUTED[-1]}` ended with {done.returncode}:\n{said}")
    return done.stdout.strip()


def docker(*arguments: str | Path, **options: Any) -> str:
    """Run `docker` and return what it printed."""
    return run("docker", *arguments, **options)


def inspect(name: str) -> dict[str, Any]:
    """Return what the engine knows of a container or an image."""
    known: list[dict[str, Any]] = json.loads(docker("inspect", name))
    return known[0]


def timed(action: Callable[[], object]) -> float:
    """Return how many seconds an action took."""
    start = time.monotonic()
    action()
    return time.monotonic() - start


def free_port() -> int:
    """Return a TCP port of this machine that is free now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def wait_until(true: Callable[[], bool], what: str, seconds: float = 120) -> None:
    """Wait for something to come true.

    Raises:
        Broken: it did not in time.
    """
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if true():
                return
        except OSError:  # nobody listens yet, or the connection was cut
            pass
        time.sleep(0.02)
    raise Broken(f"{what}: not within {seconds:.0f} s")


def wait_for_health(container: str) -> None:
    """Wait until the engine calls a container healthy.

    Raises:
        Broken: it did not in time.
    """
    wait_until(
        lambda: inspect(container)["State"]["Health"]["Status"] == "healthy",
        f"{container} is healthy",
    )


def inside(container: str, program: str) -> str:
    """Run a Python program in a container and return what it printed."""
    return docker("exec", container, "python", "-c", program)


def project_version() -> str:
    """Return the version of the project."""
    return run(sys.executable, "-c", "import service; print(service.__version__)")


def image(kind: str) -> str:
    """Return the name of the image for `serving` or for `training`."""
    return f"fashion-mnist-{kind}:{project_version()}"


def data_folder() -> Path:
    """Return FASHION_DATA_DIR, or the first folder of data that there is: the sample at least."""
    named = os.environ.get("FASHION_DATA_DIR")
    folders = [ROOT.parent / "shared/data/fashion-mnist", ROOT / "tests/data/fashion-mnist-sample"]
    return Path(named) if named else next(folder for folder in folders if folder.is_dir())
