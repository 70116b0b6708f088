import asyncio

import pytest
from starlette.requests import ClientDisconnect

from service.api.middleware.cors import Cors
from tests.problem import assert_problem
from tests.server import running_server

SHOP, STRANGER = "https://shop.example", "https://stranger.example"


@pytest.fixture(scope="module")
def client():
    """A client of a server that one origin may call, with keys."""
    keys = {"api_keys": "a-key-of-some-user", "cors_origins": f"{SHOP}, http://localhost:5173"}
    with running_server(access_log=False, **keys) as running, running.client() as client:
        yield client


def preflight(client, origin, **asked):
    headers = {"Origin": origin, "Access-Control-Request-Method": "POST"} | asked
    return client.options("/predict", headers=headers)


def test_a_browser_may_ask_for_the_origin_without_a_key(client):
    answer = preflight(client, SHOP, **{"Access-Control-Request-Headers": "x-api-key"})

    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == SHOP
    assert "POST" in answer.headers["access-control-allow-methods"]


def test_another_origin_is_told_no_with_a_problem(client):
    answer = preflight(client, STRANGER)

    assert "Disallowed CORS origin" in assert_problem(answer, 400, "malformed-request")["detail"]
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("path", ["/predict", "/predict/batch", "/nowhere"])
def test_a_page_of_the_origin_can_read_problems_too(client, path):
    for headers in ({}, {"X-API-Key": "a-key-of-some-user"}):
        answer = client.post(path, content=b"text", headers={"Origin": SHOP} | headers)
        assert answer.status_code in (401, 404, 415)
        assert answer.headers["access-control-allow-origin"] == SHOP
        assert "X-Request-ID" in answer.headers["access-control-expose-headers"]


def test_a_page_of_another_origin_can_read_nothing(client):
    assert (
        "access-control-allow-origin"
        not in client.get("/livez", headers={"Origin": STRANGER}).headers
    )


def test_without_the_setting_no_page_can(server):
    with server.client() as client:
        assert (
            "access-control-allow-origin"
            not in client.get("/livez", headers={"Origin": SHOP}).headers
        )
        assert preflight(client, SHOP).status_code == 405


def run(app):
    """Send one request of the origin through; return the messages that came out."""
    sent = []

    async def send(message):
        sent.append(message)

    headers = [(b"origin", SHOP.encode())]
    state = {"request_id": "r"}
    scope = {"type": "http", "method": "GET", "path": "/x", "headers": headers, "state": state}
    asyncio.run(Cors(app, (SHOP,))(scope, None, send))
    return sent


def test_a_fault_of_ours_can_be_read_too():
    async def broken(scope, receive, send):
        raise ZeroDivisionError

    start, _ = run(broken)

    assert start["status"] == 500
    assert (b"access-control-allow-origin", SHOP.encode()) in start["headers"]


def test_an_answer_that_has_begun_and_a_client_that_left_are_left_alone():
    async def broken(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise ZeroDivisionError

    async def left(scope, receive, send):
        raise ClientDisconnect

    with pytest.raises(ZeroDivisionError):
        run(broken)
    with pytest.raises(ClientDisconnect):
        run(left)
