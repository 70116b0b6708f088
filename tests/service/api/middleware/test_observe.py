import asyncio
import json
import logging
from time import perf_counter

import pytest
from starlette.requests import ClientDisconnect

from service.api.middleware.observe import OVERLOADED_SECONDS, Observe
from service.errors import Overloaded
from service.metrics import Metrics
from tests.server import running_server


def test_a_well_formed_request_id_is_kept(client):
    answer = client.get("/livez", headers={"X-Request-ID": "order-66.a_b"})

    assert answer.headers["x-request-id"] == "order-66.a_b"


@pytest.mark.parametrize("given", ["", "a b", "x" * 129, "a\tb"])
def test_any_other_request_id_is_replaced(client, given):
    answer = client.get("/livez", headers={"X-Request-ID": given})

    assert len(answer.headers["x-request-id"]) == 32


def test_each_request_is_one_log_line_without_client_data():
    with running_server() as server, server.client() as client:
        client.post("/predict?top_k=secret", files={"file": ("secret.png", b"secret")})
        client.get("/secret")
    log = [line for line in server.log if line["message"] == "request"]

    assert [(line["method"], line["route"], line["status"]) for line in log] == [
        ("POST", "/predict", 422),
        ("GET", "unmatched", 404),
    ]
    assert all(line["milliseconds"] > 0 and line["request_id"] for line in log)
    assert "secret" not in json.dumps(log)


def run(app, metrics):
    """Send one request through the middleware; return the messages that came out."""
    sent = []

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/x", "headers": []}
    asyncio.run(Observe(app, metrics, access_log=False)(scope, None, send))
    return sent


def test_an_overloaded_client_is_answered_after_a_pause():
    async def full(scope, receive, send):
        raise Overloaded("Too much", "FASHION_MAX_IN_FLIGHT")

    began = perf_counter()
    start, _ = run(full, Metrics())

    assert start["status"] == 503
    assert perf_counter() - began >= OVERLOADED_SECONDS


def test_an_unexpected_error_becomes_a_problem_and_is_counted(caplog):
    async def broken(scope, receive, send):
        raise ZeroDivisionError("of ours")

    metrics = Metrics()
    with caplog.at_level(logging.ERROR):
        start, body = run(broken, metrics)

    assert start["status"] == 500
    assert json.loads(body["body"])["type"] == "/problems/internal-error"
    assert "ZeroDivisionError" in caplog.text
    assert 'status="500"} 1.0' in metrics.render().decode()


def test_an_error_after_the_answer_began_cuts_the_connection():
    async def broken(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run(broken, Metrics())


def test_a_client_that_left_is_counted_and_not_answered():
    async def left(scope, receive, send):
        raise ClientDisconnect

    metrics = Metrics()
    assert run(left, metrics) == []
    assert 'status="499"} 1.0' in metrics.render().decode()


def test_every_answer_has_the_security_headers(client):
    for answer in (client.get("/livez"), client.post("/predict"), client.get("/nowhere")):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
