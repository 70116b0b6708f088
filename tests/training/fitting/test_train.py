import signal
import subprocess
import sys
import time

import pytest

from service.model.examined import ExaminedModel
from service.model_file.examiner import examine
from service.model_file.export import load as load_model
from training.data.idx import DataRefused
from training.evaluation.evaluate import evaluate
from training.fitting.checkpoints import StateFolder
from training.fitting.train import train
from training.options.config import flag
from training.options.defaults import configure
from training.predict import predict

LONG = {"epochs": 20, "patience": 20, "batch_size": 128}


def files(folder):
    return [path.name for path in folder.iterdir()]


def test_the_file_says_how_it_was_made(sample, tmp_path):
    output = tmp_path / "models" / "model.h5"

    facts = train(configure(data_dir=sample, output=output, epochs=2, quiet=True))

    assert ExaminedModel.from_bytes(examine(output)).facts == facts
    assert (facts.recipe, facts.seed, facts.epochs_run) == ("dropout", 42, 2)
    assert facts.data.name == "sample"
    assert facts.data.pictures == {"train": 960, "validation": 240, "test": 1000}
    assert facts.settings["batch_size"] == 32
    assert facts.metrics.keys() == {"train", "validation", "test"}
    assert facts.architecture.parameters.total == 79_510
    assert "Optimizer" not in facts.architecture.summary
    assert files(output.parent) == ["model.h5"]


def test_the_metrics_in_the_file_are_those_of_its_weights(sample, data, tmp_path):
    output = tmp_path / "model.h5"

    facts = train(configure(data_dir=sample, output=output, epochs=2, quiet=True))

    probabilities = predict(load_model(output), data.test.pixels)
    assert evaluate(probabilities, data.test.labels).measured() == facts.metrics["test"]


def test_a_failed_training_keeps_the_earlier_file(tmp_path):
    output = tmp_path / "model.h5"
    output.write_bytes(b"the earlier file")

    with pytest.raises(DataRefused):
        train(configure(data_dir=tmp_path / "nowhere", output=output))

    assert output.read_bytes() == b"the earlier file"


@pytest.fixture
def running(sample, tmp_path):
    """A training process that has finished an epoch, with an earlier file as its output."""
    output = tmp_path / "model.h5"
    output.write_bytes(b"the earlier file")
    command = [sys.executable, "-m", "training", "train", "--quiet"]
    for name, value in {**LONG, "data_dir": sample, "output": output}.items():
        command += [flag(name), str(value)]
    with subprocess.Popen(
        command,
        stdout=-1,
        stderr=-1,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a shell may ignore it
    ) as process:
        while not StateFolder(output).snapshot.exists() and process.poll() is None:
            time.sleep(0.01)
        yield process
        process.kill()


def test_ctrl_c_prints_a_sentence_and_keeps_the_earlier_file(running, tmp_path):
    running.send_signal(signal.SIGINT)
    output, errors = running.communicate()

    assert (running.returncode, output) == (130, "")
    assert errors == (
        "fashion-train: Stopped; no model file was changed. `train --resume` continues.\n"
    )
    assert (tmp_path / "model.h5").read_bytes() == b"the earlier file"


def test_a_killed_training_resumes_to_the_same_weights(
    running, sample, fit_sample, tmp_path, digest
):
    running.kill()
    running.wait()
    output = tmp_path / "model.h5"
    assert output.read_bytes() == b"the earlier file"

    train(configure(data_dir=sample, output=output, resume=True, quiet=True, **LONG))

    assert files(tmp_path) == ["model.h5"]
    assert digest(load_model(output)) == digest(fit_sample(tmp_path / "whole", **LONG).model)
