"""What docker-compose.yml promises: to serve, confined, behind a proxy too, and to come back."""

import hashlib
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import key_promises
import model_promises
import proxy_promises
from client import ask, what_is_it
from compose import Compose, deployment
from engine import ROOT, Broken, Report, inside, inspect, timed, wait_for_health, wait_until
from run_promises import check_confinement, check_end

KILL_ALL: Final = "import os, signal; os.kill(-1, signal.SIGKILL)"
"""All but the init process and the killer, so the service as a whole."""


def check(report: Report) -> None:
    """Go through the life of a deployment, from the first start to a restored backup."""
    with deployment() as compose, tempfile.TemporaryDirectory() as folder:
        _check_up(report, compose)
        _check_confinement(report, compose)
        proxy_promises.check(report, compose, Path(folder))
        _check_kill(report, compose)
        model_promises.check(report, compose, Path(folder))
        _check_stop(report, compose)
        key_promises.check(report, compose, Path(folder))


def _check_up(report: Report, compose: Compose) -> None:
    seconds = timed(lambda: compose("up", "--detach", "--wait"))
    report.promise(True, "`docker compose up` to healthy", f"{seconds:.1f} s")
    answer = what_is_it(compose.url)
    report.promise(answer == "Ankle boot", "a picture sent from outside is", answer)
    shipped = hashlib.sha256((ROOT / "models" / "best-model.h5").read_bytes()).hexdigest()
    digest = compose.digest()
    report.promise(digest == shipped, "an empty volume starts with the shipped model", digest[:12])


def _check_confinement(report: Report, compose: Compose) -> None:
    check_confinement(report, compose.container)
    known = inspect(compose.container)
    host: dict[str, Any] = known["HostConfig"]
    facts = {
        "capabilities dropped": (host["CapDrop"], ["ALL"]),
        "security options": (host["SecurityOpt"], ["no-new-privileges:true"]),
        "restart policy": (host["RestartPolicy"]["Name"], "unless-stopped"),
        "address published on": (host["PortBindings"]["8000/tcp"][0]["HostIp"], "127.0.0.1"),
    }
    for what, (found, wanted) in facts.items():
        report.promise(found == wanted, what, found, str(wanted))
    memory, cpus = host["Memory"] / 2**20, host["NanoCpus"] / 1e9
    report.promise(memory > 0 and cpus > 0, "limits", f"{memory:.0f} MiB, {cpus:g} CPUs")


def _check_kill(report: Report, compose: Compose) -> None:
    container = compose.container
    with suppress(Broken):  # the killer goes down with its container
        inside(container, KILL_ALL)

    def came_back() -> bool:
        return inspect(container)["RestartCount"] > 0 and ask(f"{compose.url}/readyz")[0] == 200

    seconds = timed(lambda: wait_until(came_back, "the service comes back after kill -9"))
    wait_for_health(container)
    count = inspect(container)["RestartCount"]
    report.promise(
        count == 1, "kill -9: answers again", f"after {seconds:.1f} s, restarts: {count}"
    )


def _check_stop(report: Report, compose: Compose) -> None:
    """Stop it, and look on from outside: it says that it leaves, and still answers."""
    container = compose.container
    with ThreadPoolExecutor(1) as pool:
        stopping = pool.submit(timed, lambda: compose("stop"))
        wait_until(lambda: ask(f"{compose.url}/readyz")[0] == 503, "it says that it leaves", 5)
        answer = what_is_it(compose.url)
    report.promise(answer == "Ankle boot", "while it leaves, a picture is", answer)
    what = "`docker compose stop`, with a FASHION_SHUTDOWN_DELAY of 5"
    check_end(report, what, container, stopping.result())
