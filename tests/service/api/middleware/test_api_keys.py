import asyncio
import json
from pathlib import Path

import pytest
from fastapi.routing import APIRoute

from service.api.middleware.api_keys import ApiKeys
from service.config.keys import Keys
from service.errors import MissingKey
from tests.hostile.process import children
from tests.problem import assert_problem
from tests.server import running_server

USER, OTHER, ADMIN = "a-key-of-some-user", "another-key-of-users", "a-key-of-the-admin"
OPEN = ("/docs", "/openapi.json", "/livez", "/readyz", "/problems", "/problems/not-found")
CLOSED = ("/model", "/model/summary", "/classes", "/predict", "/nowhere", "/docsx")


@pytest.fixture(scope="module")
def locked():
    """A server with two keys for users, and one for admins that the metrics ask for too."""
    keys = {"api_keys": f"{USER},{OTHER}", "admin_key": ADMIN, "metrics_key": "admin"}
    with running_server(**keys) as running:
        yield running


@pytest.fixture(scope="module")
def outsider(locked):
    """A client without a key."""
    with locked.client() as client:
        yield client


@pytest.mark.parametrize("path", CLOSED)
def test_a_request_without_a_key_is_refused(outsider, path):
    answer = outsider.get(path)

    assert_problem(answer, 401, "missing-key")
    assert answer.headers["www-authenticate"] == "Bearer"


def test_the_body_is_not_read_without_a_key(outsider):
    assert_problem(outsider.post("/predict", files={"file": b"text"}), 401, "missing-key")
    assert_problem(outsider.post("/predict/batch", content=b"text"), 401, "missing-key")


@pytest.mark.parametrize("path", OPEN)
def test_open_paths_need_no_key(outsider, path):
    assert outsider.get(path).status_code == 200


def test_an_endpoint_that_declares_no_key_needs_a_user_key():
    async def endpoint():
        pass

    keys = Keys(user=(b"digest",))
    layer = ApiKeys(endpoint, [APIRoute("/new", endpoint)], keys, "none")

    with pytest.raises(MissingKey):
        asyncio.run(layer({"type": "http", "path": "/new", "headers": []}, None, None))


@pytest.mark.parametrize(
    "shown",
    [
        {"X-API-Key": USER},
        {"X-API-Key": OTHER},
        {"Authorization": f"Bearer {USER}"},
        {"Authorization": f"bearer  {OTHER}"},
        {"X-API-Key": USER, "Authorization": "Basic bm9ib2R5OnNlY3JldA=="},
        {"X-API-Key": ADMIN},
    ],
)
def test_every_key_opens_the_user_endpoints_in_either_header(outsider, png, real_pixels, shown):
    files = {"file": png(real_pixels[0])}

    assert outsider.post("/predict", files=files, headers=shown).status_code == 200
    assert outsider.get("/classes", headers=shown).headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("shown", "status", "slug"),
    [
        ({"X-API-Key": USER[:-1]}, 403, "wrong-key"),
        ({"X-API-Key": f"{USER},{OTHER}"}, 403, "wrong-key"),
        ({"X-API-Key": "wrong", "Authorization": f"Bearer {USER}"}, 403, "wrong-key"),
        ({"X-API-Key": ""}, 401, "missing-key"),
        ({"Authorization": "Bearer"}, 401, "missing-key"),
        ({"Authorization": f"Basic {USER}"}, 401, "missing-key"),
    ],
)
def test_anything_else_is_refused(outsider, shown, status, slug):
    assert_problem(outsider.get("/classes", headers=shown), status, slug)


@pytest.mark.parametrize("path", ["/model/reload", "/model/reload%0A"])
def test_only_admins_may_reload_the_model(outsider, path):
    assert_problem(outsider.post(path), 401, "missing-key")
    assert_problem(outsider.post(path, headers={"X-API-Key": USER}), 403, "wrong-key")
    assert outsider.post(path, headers={"X-API-Key": ADMIN}).status_code == 200


def test_nobody_may_reload_the_model_if_no_admin_key_is_set(client):
    for headers in ({}, {"X-API-Key": ADMIN}):
        answer = client.post("/model/reload", headers=headers)
        assert_problem(answer, 403, "admin-disabled")


def test_metrics_need_the_key_that_the_setting_names(client, outsider):
    assert client.get("/metrics").status_code == 200
    assert_problem(outsider.get("/metrics"), 401, "missing-key")
    assert outsider.get("/metrics", headers={"X-API-Key": ADMIN}).status_code == 200


def test_no_key_is_logged_or_shown_in_process_arguments():
    with running_server(log_level="debug", api_keys=USER, admin_key=ADMIN) as server:
        with server.client() as client:
            client.get("/model", headers={"X-API-Key": USER})
            client.get("/model", headers={"Authorization": f"Bearer {USER}-wrong"})
            client.get(f"/{USER}")
        pids = [server.process.pid, *children(server.process.pid)]
        arguments = b"".join(Path(f"/proc/{pid}/cmdline").read_bytes() for pid in pids).decode()
    said = json.dumps(server.log) + arguments

    assert "request" in said
    assert USER not in said
    assert ADMIN not in said
