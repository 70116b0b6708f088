import asyncio
from types import SimpleNamespace

import pytest
from fastapi import Response

from service.api import health as health_module
from service.api.health import readyz
from service.errors import NotReady, Overloaded
from service.model.file_status import FileStatus


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_a_started_service_is_alive_and_ready(client, path):
    for answer in (client.head(path), client.get(path)):
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-store"
    assert answer.json()["status"] == "ok"
    assert set(client.post(path).headers["allow"].split(", ")) == {"GET", "HEAD"}


def ask(probabilities):
    """Ask for the readiness of a service whose model answers like this."""
    model = SimpleNamespace(version="v1", predict=probabilities)
    live = SimpleNamespace(current=model, file_status=FileStatus())
    app = SimpleNamespace(state=SimpleNamespace(leaving=False))
    return asyncio.run(readyz(SimpleNamespace(app=app), Response(), live))


async def refuse(pixels):
    raise Overloaded("full", "FASHION_QUEUE_LENGTH")


async def hang(pixels):
    await asyncio.Event().wait()


def test_a_busy_model_is_ready():
    health = ask(refuse)

    assert health.checks == {"model": "v1 is busy"}


def test_a_model_that_does_not_answer_is_not_ready(monkeypatch):
    monkeypatch.setattr(health_module, "ANSWER_SECONDS", 0.05)

    with pytest.raises(NotReady, match="gave no answer"):
        ask(hang)


def test_metrics_count_requests_and_predictions(client, png, real_pixels):
    before = counts(client)
    for _ in range(3):
        client.post("/predict", files={"file": png(real_pixels[0])})
    client.post("/predict", files={"file": b"text"})
    after = counts(client)

    def grown(name):
        return after.get(name, 0) - before.get(name, 0)

    assert grown('fashion_requests_total{route="/predict",status="200"}') == 3
    assert grown('fashion_requests_total{route="/predict",status="415"}') == 1
    assert grown('fashion_predictions_total{class_name="Ankle boot"}') == 3
    assert grown('fashion_request_seconds_count{route="/predict"}') == 4


def counts(client):
    answer = client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    lines = [line for line in answer.text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}
