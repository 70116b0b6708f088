"""All workers swap to a new model file."""

import hashlib
import os
import shutil
import signal
import time

import pytest

from tests.hostile.process import children
from tests.problem import assert_problem
from tests.server import running_server

KEY = "sixteen-characters-or-more"
ADMIN = {"X-API-Key": KEY}


@pytest.fixture
def path(dropout_model, tmp_path):
    return shutil.copy(dropout_model, tmp_path / "model.h5")


@pytest.fixture
def swappable(path):
    """Two workers that serve a copy of the model and check it every 0.1 s."""
    with running_server(
        model_path=path, workers=2, admin_key=KEY, model_poll_seconds=0.1
    ) as server:
        yield server


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def put(path, source):
    """Replace the file at the path atomically by a copy."""
    copy = shutil.copy(source, path.with_suffix(".new"))
    os.replace(copy, path)


def serving(server):
    """Return the digests of the models that answer on new connections."""
    digests = set()
    for _ in range(20):
        with server.client() as client:
            digests.add(client.get("/model").json()["digest"])
    return digests


def wait_until_serving(server, expected):
    deadline = time.monotonic() + 20
    while serving(server) != {expected}:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_all_workers_follow_the_file(swappable, path, another_model):
    put(path, another_model)

    wait_until_serving(swappable, digest(another_model))


def test_a_reload_serves_the_new_file_at_once(swappable, path, another_model):
    put(path, another_model)
    with swappable.client() as client:
        answer = client.post("/model/reload", headers=ADMIN)

    assert answer.json()["digest"] == digest(another_model)


def test_a_refused_file_is_reported_and_the_old_model_answers(
    swappable, path, dropout_model, png, real_pixels
):
    path.write_bytes(dropout_model.read_bytes()[:-2000])
    with swappable.client() as client:
        answer = client.post("/model/reload", headers=ADMIN)
        document = assert_problem(answer, 409, "model-refused")
        assert "damaged" in document["detail"]

        card = client.get("/model").json()
        assert card["digest"] == digest(dropout_model)
        assert card["refused"]["reason"] == document["detail"]
        ready = client.get("/readyz")
        assert ready.status_code == 200
        assert ready.json()["checks"]["candidate"].startswith("model-refused")
        assert "fashion_model_refusals 1.0" in client.get("/metrics").text
        answer = client.post("/predict", files={"file": png(real_pixels[0])})
        assert answer.json()["model"]["digest"] == digest(dropout_model)


def test_putting_the_old_file_back_rolls_back(swappable, path, dropout_model, another_model):
    for source in (another_model, dropout_model):
        put(path, source)
        wait_until_serving(swappable, digest(source))


def test_a_replaced_worker_gets_the_current_model_whatever_lies_at_the_path(
    swappable, path, dropout_model
):
    path.write_bytes(b"not a model")
    before = children(swappable.process.pid)
    os.kill(before[0], signal.SIGKILL)

    deadline = time.monotonic() + 20
    while len(now := children(swappable.process.pid)) < 2 or now == before:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    wait_until_serving(swappable, digest(dropout_model))


def test_during_the_shutdown_delay_readiness_is_red_and_requests_are_answered(png, real_pixels):
    with running_server(shutdown_delay=2) as server, server.client() as client:
        server.process.terminate()
        deadline = time.monotonic() + 2
        while client.get("/readyz").status_code == 200:
            assert time.monotonic() < deadline
        assert_problem(client.get("/readyz"), 503, "shutting-down")
        answer = client.post("/predict", files={"file": png(real_pixels[0])})
        assert answer.status_code == 200
        assert server.process.wait(10) == 0
