"""Runs `docker` as docs/deployment.md does, and asks the services in containers."""

import json
import os
import secrets
import socket
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

from service import __version__
from tests.server import NoAnswer, environment, http_client

ROOT = Path(__file__).parent.parent.parent
NAME = "fashion-container-test"
"""The name of the test's containers, volumes and networks."""

SERVICE = f"fashion-mnist-serving:{__version__}"
TRAINING = f"fashion-mnist-training:{__version__}"
PICTURE = (ROOT / "docs" / "pictures" / "ankle-boot.png").read_bytes()
EXECUTED = []
"""Every command that was run, in order."""


def run(*command, **settings):
    """Run a command in the checkout and return its output; fail with the output if it fails."""
    EXECUTED.append(" ".join(map(str, command)))
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=environment() | settings,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    said = "\n".join(done.stdout.splitlines()[-30:])
    assert done.returncode == 0, f"`{EXECUTED[-1]}` exited with {done.returncode}:\n{said}"
    return done.stdout.strip()


def docker(*arguments, **settings):
    """Run `docker` and return its output."""
    return run("docker", *arguments, **settings)


def inspect(name):
    """Return what the engine knows about a container or an image."""
    return json.loads(docker("inspect", name))[0]


def inside(container, program):
    """Run a Python program in a container and return its output."""
    return docker("exec", container, "python", "-c", program)


USERS = """
import pathlib
texts = [path.read_text() for path in pathlib.Path("/proc").glob("[0-9]*/status")]
print(*{text.split("Uid:")[1].split()[0] for text in texts})
"""

WRITE = """
import errno
try:
    open("/app/file", "w").close()
    print("written")
except OSError as error:
    print(errno.errorcode[error.errno])
"""


def confinement(container):
    """Return the users of all processes, and what a write to the root file system ends with."""
    return inside(container, USERS), inside(container, WRITE)


def timed(action, *arguments, **options):
    """Return the seconds that a call takes."""
    start = time.monotonic()
    action(*arguments, **options)
    return time.monotonic() - start


def wait_until(true, what, seconds=120):
    """Wait until a call returns true, and fail if it does not in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if true():
                return
        except (NoAnswer, OSError):  # nobody listens yet, or the connection was cut
            pass
        time.sleep(0.02)
    raise AssertionError(f"not within {seconds} s: {what}")


def wait_for_health(container):
    """Wait until the engine calls a container healthy."""
    wait_until(lambda: inspect(container)["State"]["Health"]["Status"] == "healthy", "healthy")


def free_port():
    """Return a free TCP port of this machine."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def data_folder():
    """Return FASHION_DATA_DIR, or the small sample of the data set."""
    return Path(os.environ.get("FASHION_DATA_DIR") or ROOT / "tests/data/fashion-mnist-sample")


class Service:
    """A service in a container, asked from outside."""

    def __init__(self, url, **options):
        self.client = http_client(url, trust_env=False, **options)

    def predict(self, picture=PICTURE):
        """Return the answer to a picture."""
        return self.client.post(
            "/predict", content=picture, headers={"Content-Type": "image/png"}
        ).raise_for_status()

    def class_name(self):
        """Return the class of the repository's picture of an ankle boot."""
        return self.predict().json()["class_name"]

    def is_ready(self):
        """Tell whether the service says that it is ready."""
        return self.client.get("/readyz").status_code == 200

    def digest(self):
        """Wait until the service is ready and return the digest of its model."""
        wait_until(self.is_ready, "ready")
        return self.client.get("/model").json()["digest"]


CONFINED = (
    *("--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL"),
    *("--security-opt", "no-new-privileges"),
)


@contextmanager
def running(*options):
    """Start a container with these options and this image; yield its service once it is ready."""
    address = f"127.0.0.1:{free_port()}"
    docker("run", "--detach", "--name", NAME, "--publish", f"{address}:8000", *CONFINED, *options)
    service = Service(f"http://{address}")
    try:
        wait_until(service.is_ready, "ready")
        yield service
    finally:
        service.client.close()
        docker("rm", "--force", NAME)


class Compose(Service):
    """The project of docker-compose.yml, under its own name and on its own port."""

    def __init__(self):
        port = free_port()
        super().__init__(f"http://127.0.0.1:{port}")
        self._settings = {
            "COMPOSE_PROJECT_NAME": NAME,
            "COMPOSE_ANSI": "never",
            "FASHION_PORT": str(port),
        }

    def __call__(self, *arguments, **settings):
        """Run `docker compose` and return its output."""
        return docker("compose", *arguments, **self._settings, **settings)

    @property
    def container(self):
        """The container of the service."""
        return self("ps", "--all", "--quiet", "service")

    def down(self):
        """Remove the containers, networks and volumes."""
        self("--profile", "train", "down", "--volumes", "--remove-orphans", "--timeout", "5")


def write_key(path):
    """Write a new key that the container's user can read, and return it."""
    key = secrets.token_hex(32)
    path.write_text(f"{key}\n")
    if os.getuid() == 0:
        os.chown(path, 10001, 10001)
        path.chmod(0o400)
    else:  # only root can give a file away
        path.chmod(0o444)
    return key
