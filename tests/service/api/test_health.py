import asyncio

import pytest
from fastapi import Response

from service.api import health as health_module
from service.api.health import readyz
from service.errors import NotReady, Overloaded


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_a_service_that_started_lives_and_is_ready(client, path):
    answer = client.get(path)

    assert answer.status_code == 200
    assert answer.json()["status"] == "ok"
    assert answer.headers["cache-control"] == "no-store"


class Model:
    """A model that does what it is told instead of answering."""

    version = "v1"

    def __init__(self, does):
        self.probabilities = does


async def refuse(pixels):
    raise Overloaded("full")


async def hang(pixels):
    await asyncio.Event().wait()


def test_a_busy_model_is_ready():
    health = asyncio.run(readyz(Response(), Model(refuse)))

    assert health.checks == {"model": "v1 is busy"}


def test_a_model_that_does_not_answer_is_not_ready(monkeypatch):
    monkeypatch.setattr(health_module, "ANSWER_SECONDS", 0.05)

    with pytest.raises(NotReady, match="gave no answer"):
        asyncio.run(readyz(Response(), Model(hang)))


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
