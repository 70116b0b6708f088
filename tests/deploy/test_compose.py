"""docker-compose.yml: one deployment from its first start to a restored backup, in this order."""

import hashlib
import re
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

import numpy as np
import pytest

from tests.deploy.engine import (
    ROOT,
    confinement,
    data_folder,
    inside,
    inspect,
    timed,
    wait_for_health,
    wait_until,
    write_key,
)

pytestmark = pytest.mark.docker

MODEL = "/app/models/best-model.h5"
KILL_ALL = "import os, signal; os.kill(-1, signal.SIGKILL)"
"""Kills every process but init and itself."""


@pytest.fixture(scope="module")
def backup(compose, tmp_path_factory):
    """A copy of the shipped model, taken out of the volume before anything is trained."""
    file = tmp_path_factory.mktemp("backup") / "backup.h5"
    compose("cp", f"service:{MODEL}", file)
    return file


def test_a_new_volume_serves_the_shipped_model(compose, backup):
    shipped = hashlib.sha256((ROOT / "models" / "best-model.h5").read_bytes()).hexdigest()

    assert compose.class_name() == "Ankle boot"
    assert compose.digest() == shipped


def test_the_service_is_confined_and_published_on_this_machine_alone(compose):
    assert confinement(compose.container) == ("10001", "EROFS")
    host = inspect(compose.container)["HostConfig"]

    assert host["CapDrop"] == ["ALL"]
    assert host["SecurityOpt"] == ["no-new-privileges:true"]
    assert host["RestartPolicy"]["Name"] == "unless-stopped"
    assert host["PortBindings"]["8000/tcp"][0]["HostIp"] == "127.0.0.1"
    assert host["Memory"] > 0
    assert host["NanoCpus"] > 0


def test_the_service_is_restarted_after_kill_9(compose):
    container = compose.container
    with suppress(AssertionError):  # the killer dies with its container
        inside(container, KILL_ALL)
    seconds = timed(
        wait_until,
        lambda: inspect(container)["RestartCount"] > 0 and compose.is_ready(),
        "restarted",
    )
    print(f"from kill -9 to the next answer: {seconds:.1f} s")
    wait_for_health(container)

    assert inspect(container)["RestartCount"] == 1


@contextmanager
def asked_meanwhile(service):
    """Send a picture every 50 ms during the block; count the statuses and errors."""
    outcomes, done = Counter(), threading.Event()

    def ask():
        while not done.wait(0.05):
            try:
                outcomes[service.predict().status_code] += 1
            except Exception as error:  # whatever it is, a request was lost
                outcomes[repr(error)] += 1

    client = threading.Thread(target=ask)
    client.start()
    try:
        yield outcomes
    finally:
        done.set()
        client.join()


def test_a_model_is_trained_and_served_without_a_lost_request(compose, backup):
    before = compose.digest()
    train = ("--profile", "train", "run", "--rm", "train", "--epochs", "1", "--quiet")
    with asked_meanwhile(compose) as outcomes:
        seconds = timed(compose, *train, FASHION_DATA_DIR=str(data_folder()))
        new = compose("exec", "service", "sha256sum", MODEL).split()[0]
        wait_until(lambda: compose.digest() == new, "the new model serves")
    print(f"one epoch: {seconds:.0f} s; answered meanwhile: {dict(outcomes)}")

    assert new != before
    assert [*outcomes] == [200]


def test_without_a_data_folder_training_can_write_its_cache(compose):
    touch = "import pathlib; pathlib.Path('/cache/file').touch()"

    compose("--profile", "train", "run", "--rm", "--entrypoint", "python", "train", "-c", touch)


def test_a_restart_keeps_the_model(compose):
    trained = compose.digest()
    compose("restart", "service")

    assert compose.digest() == trained


def test_down_and_up_keep_the_model_and_apply_new_settings(compose, png):
    trained = compose.digest()
    compose("down")
    compose("up", "--detach", "--wait", "--build", FASHION_MIN_CONFIDENCE="1")

    assert compose.digest() == trained
    assert compose.predict().json()["decision"] == "uncertain"
    assert compose.predict(png(np.zeros((40, 30), np.uint8))).json()["input"]["fit"] == "photo"


def test_half_a_model_is_refused_with_a_sentence_and_the_backup_serves(compose, backup, tmp_path):
    half = tmp_path / "half.h5"
    half.write_bytes(backup.read_bytes()[:10_000])
    compose("cp", half, f"service:{MODEL}")
    compose("restart", "service")
    container = compose.container
    wait_until(lambda: inspect(container)["RestartCount"] > 0, "the start ends")
    assert "may not serve" in compose("logs", "--no-log-prefix", "--tail", "1", "service")

    compose("cp", backup, f"service:{MODEL}")
    compose("restart", "service")
    assert compose.digest() == hashlib.sha256(backup.read_bytes()).hexdigest()


def test_a_stopping_service_says_so_and_still_answers(compose):
    container = compose.container
    with ThreadPoolExecutor(1) as pool:
        stopping = pool.submit(timed, compose, "stop")
        wait_until(lambda: compose.client.get("/readyz").status_code == 503, "not ready", 5)
        assert compose.class_name() == "Ankle boot"

    print(f"from `docker compose stop` to the end: {stopping.result():.1f} s")
    assert stopping.result() < 10
    assert inspect(container)["State"]["ExitCode"] == 0


def test_keys_are_read_from_the_secrets_that_the_page_shows(compose, tmp_path):
    keys = {name: write_key(tmp_path / name) for name in ("users", "admin")}
    page = (ROOT / "docs" / "deployment.md").read_text()
    (text,) = re.findall(r"^```text\n(services:\n.*?)^```$", page, re.MULTILINE | re.DOTALL)
    override = tmp_path / "docker-compose.override.yml"
    override.write_text(text.replace("/etc/fashion", str(tmp_path)))
    compose("-f", "docker-compose.yml", "-f", override, "up", "--detach", "--wait")

    def status(method, path, key=""):
        return compose.client.request(method, path, headers={"X-API-Key": key}).status_code

    assert compose.client.get("/model").status_code == 401
    assert status("GET", "/model", keys["users"]) == 200
    assert status("POST", "/model/reload", keys["users"]) == 403
    assert status("POST", "/model/reload", keys["admin"]) == 200
