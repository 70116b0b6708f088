"""deploy/nginx.conf: TLS in front of the service, and nothing lost behind it."""

import socket
import ssl
from dataclasses import dataclass

import pytest

from tests.deploy.engine import NAME, ROOT, Service, docker, free_port, wait_until
from tests.server import NoAnswer, http_client

pytestmark = pytest.mark.docker

PROXY = f"{NAME}-nginx"

DOCKERFILE = """
FROM python:3.12-slim
RUN apt-get update && apt-get install --yes --no-install-recommends nginx openssl
RUN rm /etc/nginx/sites-enabled/default
COPY nginx.conf /etc/nginx/conf.d/fashion.conf
"""

CERTIFICATE = "/etc/nginx/tls/fashion.crt"
START = f"""
mkdir /etc/nginx/tls &&
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 \
  -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 \
  -keyout /etc/nginx/tls/fashion.key -out {CERTIFICATE} &&
exec nginx -g "daemon off;"
"""
"""Makes a self-signed certificate and serves with it."""


@dataclass
class Nginx:
    """nginx with the project's file, in front of the service."""

    plain_port: int
    tls_port: int
    certificate: str
    service: Service


@pytest.fixture(scope="module")
def nginx(compose, tmp_path_factory):
    """Start nginx in the network of the deployment."""
    folder = tmp_path_factory.mktemp("nginx")
    text = (ROOT / "deploy" / "nginx.conf").read_text().replace("127.0.0.1:8000", "service:8000")
    (folder / "nginx.conf").write_text(text)
    (folder / "Dockerfile").write_text(DOCKERFILE)
    docker("build", "--tag", PROXY, folder)
    plain, tls = free_port(), free_port()
    ports = ("--publish", f"127.0.0.1:{plain}:80", "--publish", f"127.0.0.1:{tls}:443")
    where = ("--network", f"{NAME}_default", *ports)
    docker("run", "--detach", "--name", PROXY, *where, PROXY, "sh", "-c", START)
    try:
        with http_client(f"http://127.0.0.1:{plain}", trust_env=False) as client:
            wait_until(lambda: client.get("/").is_redirect, "nginx answers")
        certificate = folder / "fashion.crt"
        docker("cp", f"{PROXY}:{CERTIFICATE}", certificate)
        context = ssl.create_default_context(cafile=certificate)
        service = Service(f"https://127.0.0.1:{tls}", verify=context)
        wait_until(service.is_ready, "ready")
        yield Nginx(plain, tls, certificate, service)
        service.client.close()
    finally:
        docker("rm", "--force", PROXY)
        docker("rmi", PROXY)


def test_http_is_redirected_and_a_post_stays_a_post(nginx):
    with http_client(f"http://127.0.0.1:{nginx.plain_port}", trust_env=False) as client:
        answer = client.post("/model?a=b", content=b"x" * 2**21)

    assert answer.status_code == 308
    assert answer.headers["Location"] == "https://127.0.0.1/model?a=b"


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_nginx_speaks_both_versions_of_tls(nginx, version):
    context = ssl.create_default_context(cafile=nginx.certificate)
    context.maximum_version = context.minimum_version = version
    with (
        socket.create_connection(("127.0.0.1", nginx.tls_port), timeout=10) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as secure,
    ):
        assert secure.version() == version.name.replace("_", ".")


def test_a_client_that_does_not_know_the_certificate_refuses_it(nginx):
    with (
        http_client(f"https://127.0.0.1:{nginx.tls_port}", trust_env=False) as client,
        pytest.raises(NoAnswer, match="CERTIFICATE_VERIFY_FAILED"),
    ):
        client.get("/livez")


def test_a_picture_is_answered_over_tls(nginx):
    assert nginx.service.class_name() == "Ankle boot"


def test_a_body_that_is_too_large_gets_the_services_own_answer(nginx):
    answer = nginx.service.client.post(
        "/predict", content=b"x" * (20 * 2**20), headers={"Content-Type": "image/png"}
    )

    assert answer.status_code == 413
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_metrics_are_not_passed_on(nginx):
    assert nginx.service.client.get("/metrics").status_code == 404


def test_both_logs_name_a_request_by_the_id_in_its_answer(nginx, compose):
    request_id = nginx.service.predict().json()["request_id"]

    for read in (
        lambda: docker("exec", PROXY, "cat", "/var/log/nginx/access.log"),
        lambda: compose("logs", "--no-log-prefix", "service"),
    ):
        wait_until(lambda read=read: request_id in read(), "the id is logged", 5)
