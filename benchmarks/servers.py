"""The service and the references: how each is started, waited for, asked and ended."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks import processes
from benchmarks.bodies import Body

ROOT: Final = Path(__file__).parent.parent
OWN_PYTHON: Final = Path(sys.executable)
BENCH_PYTHON: Final = ROOT / ".venv-bench" / "bin" / "python"
"""LitServe and BentoML live in an environment of their own, away from the service's."""

START_SECONDS: Final = 120
END_SECONDS: Final = 5


class DidNotStart(Exception):
    """A server ended, or did not answer in time; the message has the end of what it printed."""


@dataclass(frozen=True)
class Server:
    """How to start one server. `{port}` in the command and in a variable becomes the port."""

    name: str
    title: str
    command: tuple[str, ...]
    variables: dict[str, str]
    field: str = "file"
    workers: int = 1


@dataclass
class Running:
    """A server that has answered 200; `launch_seconds` is the time from its start to that.

    `answered` counts the pictures that got an answer, `in_flight` those whose connection was
    closed before it came, at most: wrk closes all of them when its time is up.
    """

    server: Server
    pid: int
    port: int
    launch_seconds: float
    answered: int = 1
    in_flight: int = 0

    def post(self, path: str, body: Body) -> Any:
        """Send one picture and return the JSON of its answer."""
        self.answered += 1
        return json.loads(ask(self.port, "POST", path, body))

    def get(self, path: str) -> str:
        """Return the text that an address answers."""
        return ask(self.port, "GET", path).decode()


def service(workers: int = 1) -> Server:
    """Return the service, complete, with its access log off."""
    return Server(
        name="service" if workers == 1 else f"service-{workers}",
        title=f"this service, {workers} worker{'s' * (workers > 1)}",
        command=(str(OWN_PYTHON), "-m", "service"),
        variables={"FASHION_PORT": "{port}", "FASHION_ACCESS_LOG": "false"}
        | ({"FASHION_WORKERS": str(workers)} if workers > 1 else {}),
        workers=workers,
    )


def _uvicorn(app: str) -> tuple[str, ...]:
    options = "--loop asyncio --http httptools --no-access-log --log-level warning --port {port}"
    return (str(OWN_PYTHON), "-m", "uvicorn", *options.split(), f"benchmarks.references.{app}:app")


def _bench(*arguments: str) -> tuple[str, ...]:
    return (str(BENCH_PYTHON), "-m", *arguments)


REFERENCES: Final = {
    "ceiling": Server("ceiling", "bare FastAPI UploadFile endpoint", _uvicorn("bare"), {}),
    "tutorial": Server("tutorial", "FastAPI tutorial with model.predict", _uvicorn("tutorial"), {}),
    "litserve": Server("litserve", "LitServe", _bench("benchmarks.references.lit"), {}),
    "bentoml": Server(
        "bentoml",
        "BentoML",
        _bench("bentoml", "serve", "benchmarks.references.bento:Fashion", "--port", "{port}"),
        {"BENTOML_DO_NOT_TRACK": "True", "BENTOML_HOME": "{logs}/bentoml"},
        field="images",
    ),
}


@contextmanager
def running(server: Server, model: Path, first: Body, logs: Path) -> Iterator[Running]:
    """Start a server, wait until it answers `first` with 200, and end it with all its children.

    Raises:
        DidNotStart: it did not come to that.
    """
    port = free_port()
    log = logs / f"{server.name}.log"
    with log.open("wb") as output:
        started = time.perf_counter()
        process = subprocess.Popen(
            [word.format(port=port) for word in server.command],
            cwd=ROOT,
            env=_environment(server, model, port, logs),
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        _wait(process, port, first, log)
        yield Running(server, process.pid, port, time.perf_counter() - started)
    finally:
        _end(process)


def ask(port: int, method: str, path: str, body: Body | None = None) -> bytes:
    """Send one request on a connection of its own and return the bytes of its answer.

    Raises:
        OSError: nobody answers; RuntimeError: the status is not 200.
    """
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=START_SECONDS)
    try:
        headers = {"Content-Type": body.content_type} if body else {}
        connection.request(method, path, body.data if body else None, headers)
        answer = connection.getresponse()
        data = answer.read()
    finally:
        connection.close()
    if answer.status != 200:
        raise RuntimeError(f"{method} {path} answered {answer.status}: {data[:300]!r}")
    return data


def free_port() -> int:
    """Return a port that is free now."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def _environment(server: Server, model: Path, port: int, logs: Path) -> dict[str, str]:
    """Return an environment without the caller's own `FASHION_` settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FASHION_")}
    own = {name: text.format(port=port, logs=logs) for name, text in server.variables.items()}
    if "service" in server.command:
        return kept | own | {"FASHION_MODEL_PATH": str(model)}
    paths = {"MODEL": str(model), "PORT": str(port), "PYTHONPATH": str(ROOT)}
    return kept | own | paths | {"TF_CPP_MIN_LOG_LEVEL": "2", "CUDA_VISIBLE_DEVICES": "-1"}


def _wait(process: subprocess.Popen[bytes], port: int, first: Body, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            ask(port, "POST", "/predict", first)
            return
        except (OSError, http.client.HTTPException, RuntimeError):
            time.sleep(0.01)
    said = " ".join(log.read_text(errors="replace").split())
    raise DidNotStart(said[-300:] or "it said nothing")


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask the whole tree to end; what is left after that is killed."""
    members = processes.tree(process.pid)
    for sign in (signal.SIGTERM, signal.SIGKILL):
        for member in members:
            _signal(member, sign)
        deadline = time.monotonic() + END_SECONDS
        while time.monotonic() < deadline and any(processes.lives(one) for one in members):
            process.poll()
            time.sleep(0.05)
    process.wait()


def _signal(pid: int, sign: signal.Signals) -> None:
    try:
        os.kill(pid, sign)
    except ProcessLookupError:
        return
