"""A hundred model swaps under load: no request is lost, and each answer names its model."""

import hashlib
import json
import os
import shutil
import threading

import numpy as np
import pytest

from service.fashion_mnist import to_rows
from service.model.classifier import Classifier
from service.model.examined import ExaminedModel
from service.model_file.examiner import examine
from tests.server import running_server

SWAPS = 100
KEY = "sixteen-characters-or-more"
ASKERS = 4


@pytest.fixture(scope="module")
def models(dropout_model, another_model):
    """The two model files by digest."""
    paths = (dropout_model, another_model)
    return {hashlib.sha256(path.read_bytes()).hexdigest(): path for path in paths}


@pytest.fixture(scope="module")
def expected(models, real_pixels):
    """Each model's probabilities for the first 20 pictures, float32[20, 10], by digest."""
    rows = to_rows(real_pixels[:20])
    return {
        digest: Classifier(ExaminedModel.from_bytes(examine(path)).graph).probabilities(rows)
        for digest, path in models.items()
    }


def ask(server, pictures, done, outcomes):
    """Send one picture after the other until the swaps are done."""
    with server.client() as client:
        turn = 0
        while not done.is_set():
            number = turn % len(pictures)
            answer = client.post("/predict", files={"file": pictures[number]})
            outcomes.append((number, answer.status_code, answer.content))
            turn += 1


def swap(server, path, models):
    """Replace each model by the other, again and again, and reload."""
    with server.client() as client:
        for turn in range(SWAPS):
            digest = list(models)[(turn + 1) % 2]
            os.replace(shutil.copy(models[digest], path.with_suffix(".new")), path)
            assert (
                client.post("/model/reload", headers={"X-API-Key": KEY}).json()["digest"] == digest
            )


def test_the_two_models_differ_on_every_picture(expected):
    first, second = expected.values()

    assert (np.abs(first - second).max(axis=1) > 0.01).all()


def test_no_request_is_lost_and_each_answer_comes_from_the_model_it_names(
    models, expected, dropout_model, png, real_pixels, tmp_path
):
    path = shutil.copy(dropout_model, tmp_path / "model.h5")
    pictures = [png(pixels) for pixels in real_pixels[:20]]
    done, outcomes = threading.Event(), []
    with running_server(model_path=path, workers=2, admin_key=KEY, access_log=False) as server:
        arguments = (server, pictures, done, outcomes)
        askers = [threading.Thread(target=ask, args=arguments) for _ in range(ASKERS)]
        for asker in askers:
            asker.start()
        try:
            swap(server, path, models)
        finally:
            done.set()
        for asker in askers:
            asker.join()

    assert {status for _, status, _ in outcomes} == {200}
    answers = [(number, json.loads(body)) for number, _, body in outcomes]
    assert {answer["model"]["digest"] for _, answer in answers} == set(models)
    found = [[one["probability"] for one in answer["probabilities"]] for _, answer in answers]
    wanted = [expected[answer["model"]["digest"]][number] for number, answer in answers]
    assert np.abs(np.array(found) - np.array(wanted)).max() <= 1e-6
