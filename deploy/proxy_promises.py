"""What deploy/nginx.conf promises: TLS in front of the service, and nothing lost behind it."""

import socket
import ssl
from collections.abc import Callable
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from typing import Final
from urllib.error import URLError
from urllib.request import HTTPSHandler, OpenerDirector, ProxyHandler, build_opener

from client import PICTURE, ask, wait_for_answers, what_is_it
from compose import Compose
from engine import NAME, ROOT, Report, docker, free_port, wait_until

PROXY: Final = f"{NAME}-nginx"

DOCKERFILE: Final = """
FROM python:3.12-slim
RUN apt-get update && apt-get install --yes --no-install-recommends nginx openssl
RUN rm /etc/nginx/sites-enabled/default
COPY nginx.conf /etc/nginx/conf.d/fashion.conf
"""

CERTIFICATE: Final = "/etc/nginx/tls/fashion.crt"
START: Final = f"""
mkdir /etc/nginx/tls &&
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 \
  -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 \
  -keyout /etc/nginx/tls/fashion.key -out {CERTIFICATE} &&
exec nginx -g "daemon off;"
"""
"""Makes a certificate that is its own authority, and serves with it."""


def check(report: Report, compose: Compose, folder: Path) -> None:
    """Put nginx in front, with the project's own file but for the address of the service."""
    text = (ROOT / "deploy" / "nginx.conf").read_text().replace("127.0.0.1:8000", "service:8000")
    (folder / "nginx.conf").write_text(text)
    (folder / "Dockerfile").write_text(DOCKERFILE)
    docker("build", "--tag", PROXY, folder)
    plain, secure = free_port(), free_port()
    ports = ("--publish", f"127.0.0.1:{plain}:80", "--publish", f"127.0.0.1:{secure}:443")
    where = ("--network", f"{NAME}_default", *ports)
    docker("run", "--detach", "--name", PROXY, *where, PROXY, "sh", "-c", START)
    try:
        _check_redirect(report, plain)
        docker("cp", f"{PROXY}:{CERTIFICATE}", folder / "fashion.crt")
        _check_tls(report, secure, folder / "fashion.crt")
        opener = _opener(ssl.create_default_context(cafile=folder / "fashion.crt"))
        _check_answers(report, f"https://127.0.0.1:{secure}", opener)
        _check_ids(report, compose, f"https://127.0.0.1:{secure}", opener)
    finally:
        docker("rm", "--force", PROXY)
        docker("rmi", PROXY)


def _opener(context: ssl.SSLContext) -> OpenerDirector:
    return build_opener(ProxyHandler({}), HTTPSHandler(context=context))


def _check_redirect(report: Report, port: int) -> None:
    wait_until(lambda: bool(_redirect(port)), "nginx answers")
    found, wanted = _redirect(port), "308 https://127.0.0.1/model?a=b"
    report.promise(found == wanted, "http through nginx", found, wanted)


def _redirect(port: int) -> str:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("POST", "/model?a=b", b"x" * 2**21)
    answer = connection.getresponse()
    connection.close()
    return f"{answer.status} {answer.headers['Location']}"


def _check_tls(report: Report, port: int, certificate: Path) -> None:
    """Check that both versions of TLS are spoken, and that clients do verify the certificate."""
    versions = [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]
    spoken = ", ".join(_spoken(port, certificate, version) for version in versions)
    report.promise(spoken == "TLSv1.2, TLSv1.3", "nginx speaks", spoken)
    refusal = "answered"
    try:
        ask(f"https://127.0.0.1:{port}/livez", opener=_opener(ssl.create_default_context()))
    except URLError as error:
        refusal = type(error.reason).__name__
    report.promise(
        refusal == "SSLCertVerificationError", "a client that does not know its authority", refusal
    )


def _spoken(port: int, certificate: Path, most: ssl.TLSVersion) -> str:
    context = ssl.create_default_context(cafile=certificate)
    context.maximum_version = most
    with (
        socket.create_connection(("127.0.0.1", port), timeout=10) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as secure,
    ):
        return str(secure.version())


def _check_answers(report: Report, url: str, opener: OpenerDirector) -> None:
    wait_for_answers(url, opener)
    answer = what_is_it(url, opener)
    report.promise(answer == "Ankle boot", "a picture sent through nginx, over TLS, is", answer)
    status, problem = ask(f"{url}/predict", b"x" * (20 * 2**20), opener=opener)
    title = problem["title"] if isinstance(problem, dict) else "not the service's own answer"
    report.promise(
        status == 413 and isinstance(problem, dict), "20 MiB through nginx", f"{status} {title}"
    )
    status, _ = ask(f"{url}/metrics", opener=opener)
    report.promise(status == 404, "metrics through nginx", status, "404")


def _check_ids(report: Report, compose: Compose, url: str, opener: OpenerDirector) -> None:
    """Check that both logs and the answer call a request by the same name."""
    name = ask(f"{url}/predict", PICTURE.read_bytes(), opener=opener)[1]["request_id"]
    logs = {
        "nginx": lambda: docker("exec", PROXY, "cat", "/var/log/nginx/access.log"),
        "the service": lambda: compose("logs", "--no-log-prefix", "service"),
    }
    for whose, read in logs.items():
        wait_until(partial(_is_in, name, read), f"{whose} logs the id of an answer", seconds=5)
        report.promise(True, f"the answer's request id, in the log of {whose} too", name)


def _is_in(name: str, read: Callable[[], str]) -> bool:
    return name in read()
