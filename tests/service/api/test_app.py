import asyncio

import pytest

from service.api.app import create_app
from service.config.settings import Settings
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


def test_a_preflight_needs_no_key(client):
    answer = preflight(client, SHOP, **{"Access-Control-Request-Headers": "x-api-key"})

    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == SHOP
    assert "POST" in answer.headers["access-control-allow-methods"]


def test_a_preflight_of_another_origin_is_refused(client):
    answer = preflight(client, STRANGER)

    assert (answer.status_code, answer.text) == (400, "Disallowed CORS origin")
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("path", ["/predict", "/predict/batch", "/nowhere"])
def test_a_page_of_the_origin_can_read_problems(client, path):
    for headers in ({}, {"X-API-Key": "a-key-of-some-user"}):
        answer = client.post(path, content=b"text", headers={"Origin": SHOP} | headers)
        assert answer.status_code in (401, 404, 415)
        assert answer.headers["access-control-allow-origin"] == SHOP
        assert "X-Request-ID" in answer.headers["access-control-expose-headers"]


def test_a_page_of_another_origin_can_read_nothing(client):
    answer = client.get("/livez", headers={"Origin": STRANGER})

    assert "access-control-allow-origin" not in answer.headers


def test_cors_is_off_by_default(server):
    with server.client() as client:
        answer = client.get("/livez", headers={"Origin": SHOP})

        assert "access-control-allow-origin" not in answer.headers
        assert preflight(client, SHOP).status_code == 405


def test_a_page_of_the_origin_can_read_unexpected_errors(examined):
    app = create_app(Settings(cors_origins=SHOP), examined)

    @app.get("/broken")
    async def broken():
        raise ZeroDivisionError

    sent = []

    async def send(message):
        sent.append(message)

    headers = [(b"origin", SHOP.encode())]
    scope = {"type": "http", "method": "GET", "path": "/broken", "headers": headers}
    asyncio.run(app(scope, None, send))

    answered = dict(sent[0]["headers"])
    assert sent[0]["status"] == 500
    assert answered[b"content-type"] == b"application/problem+json"
    assert answered[b"access-control-allow-origin"] == SHOP.encode()
