"""`docker run`: a quick start and stop, confinement, training, plain Keras files."""

import time

import pytest

from tests.deploy.engine import (
    CONFINED,
    NAME,
    ROOT,
    SERVICE,
    TRAINING,
    confinement,
    data_folder,
    docker,
    inspect,
    running,
    timed,
    wait_for_health,
)

pytestmark = pytest.mark.docker


def test_the_service_starts_within_three_seconds():
    seconds = []
    for _ in range(3):
        start = time.monotonic()
        with running("--memory", "512m", SERVICE):
            seconds.append(time.monotonic() - start)
    print("from `docker run` to the first 200:", *(f"{one:.1f} s" for one in seconds))

    assert min(seconds) <= 3  # whatever else the machine does only adds to it


def test_the_service_answers_confined_and_stops_on_sigterm():
    with running("--memory", "512m", SERVICE) as service:
        assert service.class_name() == "Ankle boot"
        assert confinement(NAME) == ("10001", "EROFS")
        wait_for_health(NAME)
        seconds = timed(docker, "stop", NAME)
        print(f"from SIGTERM to the end: {seconds:.1f} s")
        assert seconds < 10
        assert inspect(NAME)["State"]["ExitCode"] == 0


def test_a_model_is_trained_into_a_volume_and_served_from_it():
    models = ("--volume", f"{NAME}-models:/app/models")
    mounted = (*models, "--volume", f"{data_folder()}:/data:ro")
    train = ("training", "train", "--data-dir", "/data", "--epochs", "1", "--quiet")
    try:
        docker("run", "--rm", *CONFINED, *mounted, TRAINING, *train)
        with running("--memory", "512m", *models, SERVICE) as service:
            assert service.client.get("/model").json()["facts"]["epochs_run"] == 1
    finally:
        docker("volume", "rm", "--force", f"{NAME}-models")


def test_the_training_image_serves_a_file_of_keras_2():
    plain = ("--volume", f"{ROOT}/tests/data:/plain:ro")
    model = ("--env", "FASHION_MODEL_PATH=/plain/keras-2.h5")
    with running("--memory", "2g", *plain, *model, TRAINING) as service:
        assert service.class_name() == "Ankle boot"
