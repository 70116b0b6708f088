"""What docker-compose.yml promises: to serve, confined, behind a proxy too, and to come back."""

import hashlib
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import model_promises
from compose import Compose, deployment
from engine import (
    NAME,
    ROOT,
    Broken,
    Report,
    ask,
    docker,
    free_port,
    inside,
    inspect,
    timed,
    wait_for_answers,
    wait_for_health,
    wait_until,
    what_is_it,
)
from run_promises import check_confinement, check_end

NGINX: Final = """
FROM python:3.12-slim
RUN apt-get update && apt-get install --yes --no-install-recommends nginx
COPY nginx.conf /etc/nginx/conf.d/fashion.conf
RUN rm /etc/nginx/sites-enabled/default
CMD ["nginx", "-g", "daemon off;"]
"""

KILL_ALL: Final = "import os, signal; os.kill(-1, signal.SIGKILL)"
"""All but the init process and the killer, so the service as a whole."""


def check(report: Report) -> None:
    """Go through the life of a deployment, from the first start to a restored backup."""
    with deployment() as compose, tempfile.TemporaryDirectory() as folder:
        _check_up(report, compose)
        _check_confinement(report, compose)
        _check_proxy(report, compose, Path(folder))
        _check_kill(report, compose)
        model_promises.check(report, compose, Path(folder))
        seconds = timed(lambda: compose("stop"))
        check_end(report, "`docker compose stop`", compose.container, seconds)


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


def _check_proxy(report: Report, compose: Compose, folder: Path) -> None:
    """Put nginx in front, with the project's own file but for the address of the service."""
    text = (ROOT / "deploy" / "nginx.conf").read_text().replace("127.0.0.1:8000", "service:8000")
    (folder / "nginx.conf").write_text(text)
    (folder / "Dockerfile").write_text(NGINX)
    docker("build", "--tag", f"{NAME}-nginx", folder)
    port = free_port()
    where = ("--network", f"{NAME}_default", "--publish", f"127.0.0.1:{port}:80")
    docker("run", "--detach", "--name", f"{NAME}-nginx", *where, f"{NAME}-nginx")
    try:
        _check_through_proxy(report, f"http://127.0.0.1:{port}")
    finally:
        docker("rm", "--force", f"{NAME}-nginx")
        docker("rmi", f"{NAME}-nginx")


def _check_through_proxy(report: Report, url: str) -> None:
    wait_for_answers(url)
    answer = what_is_it(url)
    report.promise(answer == "Ankle boot", "a picture sent through nginx is", answer)
    status, problem = ask(f"{url}/predict", b"x" * (20 * 2**20))
    title = problem["title"] if isinstance(problem, dict) else "not the service's own answer"
    report.promise(
        status == 413 and isinstance(problem, dict), "20 MiB through nginx", f"{status} {title}"
    )
    status, _ = ask(f"{url}/metrics")
    report.promise(status == 404, "metrics through nginx", status, "404")


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
