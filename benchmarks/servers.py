"""The service and the servers it is compared with: how each one starts, answers and stops."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx
import psutil

from benchmarks import payloads
from benchmarks.payloads import ROOT

BENCH_PYTHON: Final = ROOT / ".venv-bench" / "bin" / "python"
"""LitServe and BentoML are installed apart from the service."""

START_SECONDS: Final = 120
STOP_SECONDS: Final = 5
MIB: Final = 2**20


class DidNotStart(Exception):
    """A server exited or did not answer in time; the message ends with its last output."""


@dataclass(frozen=True)
class Server:
    """How to start a server. `{port}` and `{logs}` are filled in.

    `loads` names the loads it is measured under; `raw_path` takes pictures without a form.
    """

    name: str
    command: tuple[str, ...]
    variables: dict[str, str] = field(default_factory=dict)
    field: str = "file"
    raw_path: str = "/predict"
    workers: int = 1
    loads: tuple[str, ...] = ("form",)


@dataclass
class Running:
    """A server that answers; `launch_seconds` is the time from its start to the first 200.

    `answered` counts answered pictures. `in_flight` bounds those whose connection wrk closed first.
    """

    server: Server
    process: psutil.Popen
    url: str
    launch_seconds: float
    answered: int = 1
    in_flight: int = 0

    def predict(self, picture: bytes) -> Any:
        """Send a picture as a form and return the JSON of the answer."""
        self.answered += 1
        return _send(payloads.form(f"{self.url}/predict", self.server.field, picture)).json()

    def tree(self) -> list[psutil.Process]:
        """Return the server's process and all its descendants."""
        return [self.process, *self.process.children(recursive=True)]

    def memory_mib(self) -> float:
        """Return the proportional set size (PSS) of all its processes."""
        return sum(one.memory_full_info().pss for one in self.tree()) / MIB

    def cpu_seconds(self) -> float:
        """Return the CPU time of all its processes."""
        return sum(sum(one.cpu_times()[:2]) for one in self.tree())


def service(workers: int = 1) -> Server:
    """Return the complete service, with its access log off."""
    return Server(
        name="service" if workers == 1 else f"service-{workers}",
        command=(sys.executable, "-m", "service"),
        variables={
            "FASHION_PORT": "{port}",
            "FASHION_ACCESS_LOG": "false",
            "FASHION_WORKERS": str(workers),
        },
        workers=workers,
        loads=("form", "raw", "alone", "raw-alone", "batch") if workers == 1 else ("form", "raw"),
    )


def _uvicorn(app: str) -> tuple[str, ...]:
    options = "--loop asyncio --http httptools --no-access-log --log-level warning --port {port}"
    return (sys.executable, "-m", "uvicorn", *options.split(), f"benchmarks.references.{app}:app")


CEILING: Final = Server(
    "ceiling", _uvicorn("bare"), raw_path="/raw", loads=("form", "raw", "alone")
)
"""Does no work at all: a bare FastAPI endpoint with an `UploadFile`."""

BENTO: Final = ("bentoml", "serve", "benchmarks.references.bento:Fashion", "--port", "{port}")
PEERS: Final = (
    Server("tutorial", _uvicorn("tutorial")),
    Server("litserve", (str(BENCH_PYTHON), "-m", "benchmarks.references.lit")),
    Server(
        "bentoml",
        (str(BENCH_PYTHON), "-m", *BENTO),
        {"BENTOML_DO_NOT_TRACK": "True", "BENTOML_HOME": "{logs}/bentoml"},
        field="images",
    ),
)
REFERENCES: Final = {server.name: server for server in (CEILING, *PEERS)}


@contextmanager
def running(server: Server, model: Path, logs: Path) -> Iterator[Running]:
    """Start a server, wait until it answers a picture, and stop all its processes at the end.

    Raises:
        DidNotStart: it exited or did not answer in time.
    """
    port, log = _free_port(), logs / f"{server.name}.log"
    first = payloads.form(
        f"http://127.0.0.1:{port}/predict", server.field, payloads.to_png(payloads.read_pixels()[0])
    )
    started = time.perf_counter()
    with log.open("wb") as output:
        process = psutil.Popen(
            [word.format(port=port) for word in server.command],
            cwd=ROOT,
            env=_environment(server, model, port, logs),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    live = Running(server, process, f"http://127.0.0.1:{port}", 0)
    try:
        while not _answers(first):
            if process.poll() is not None or time.perf_counter() - started > START_SECONDS:
                raise DidNotStart(log.read_text(errors="replace")[-300:] or "it printed nothing")
            time.sleep(0.01)
        live.launch_seconds = time.perf_counter() - started
        yield live
    finally:
        if process.poll() is None:
            _stop(live.tree())


def _send(request: httpx.Request) -> httpx.Response:
    with httpx.Client(trust_env=False, timeout=START_SECONDS) as client:
        return client.send(request).raise_for_status()


def _answers(request: httpx.Request) -> bool:
    try:
        return _send(request).is_success
    except httpx.HTTPError:
        return False


def _stop(processes: list[psutil.Process]) -> None:
    for process in processes:
        process.terminate()
    for process in psutil.wait_procs(processes, STOP_SECONDS)[1]:
        process.kill()
    psutil.wait_procs(processes)


def _environment(server: Server, model: Path, port: int, logs: Path) -> dict[str, str]:
    """Return an environment without the caller's own `FASHION_` settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FASHION_")}
    own = {name: text.format(port=port, logs=logs) for name, text in server.variables.items()}
    paths = {"FASHION_MODEL_PATH": str(model), "MODEL": str(model), "PORT": str(port)}
    tensorflow = {"TF_CPP_MIN_LOG_LEVEL": "2", "CUDA_VISIBLE_DEVICES": "-1"}
    return kept | paths | tensorflow | {"PYTHONPATH": str(ROOT)} | own


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
