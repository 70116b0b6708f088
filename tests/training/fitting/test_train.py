import signal
import subprocess
import sys
import time

import pytest
from keras.callbacks import EarlyStopping

from service.model.examined import ExaminedModel
from service.model_file.examiner import examine
from service.model_file.export import load as load_model
from training.data.idx import DataRefused
from training.evaluation.evaluate import TrainingFailed, evaluate
from training.fitting.checkpoints import Snapshots, StateFolder
from training.fitting.train import train
from training.options.config import flag
from training.options.defaults import configure

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

    assert evaluate(load_model(output), data.test).measured() == facts.metrics["test"]


def test_the_same_seed_gives_the_same_weights(fit_sample, tmp_path, digest):
    first, again, other = (fit_sample(tmp_path, seed=seed, epochs=2).model for seed in (1, 1, 2))

    assert digest(first) == digest(again)
    assert digest(first) != digest(other)


def test_training_stops_early_with_the_best_weights(fit_sample, tmp_path):
    given = {"learning_rate": 0.02, "seed": 42}
    stopped = fit_sample(tmp_path, epochs=12, **given).facts
    best = fit_sample(tmp_path, epochs=stopped.epochs_run - 2, **given).facts

    assert stopped.epochs_run < 12
    assert stopped.metrics == best.metrics


def test_with_averaging_the_averaged_weights_are_judged_and_kept(
    fit_sample, tmp_path, digest, monkeypatch
):
    losses, weights = [], {EarlyStopping: [], Snapshots: []}

    def remember(callback):
        see = callback.on_epoch_end

        def remember_and_see(self, epoch, logs=None):
            losses.append(logs["val_loss"])
            weights[callback].append(digest(self.model))
            see(self, epoch, logs)

        monkeypatch.setattr(callback, "on_epoch_end", remember_and_see)

    remember(EarlyStopping)
    remember(Snapshots)
    kept = fit_sample(tmp_path, average=0.99, epochs=2)

    assert digest(kept.model) in weights[EarlyStopping]
    assert kept.facts.metrics["validation"].loss == pytest.approx(min(losses), rel=1e-4)
    assert not set(weights[EarlyStopping]) & set(weights[Snapshots])


def test_accuracy_can_be_watched_instead_of_the_loss(fit_sample, tmp_path, monkeypatch):
    seen, see = [], EarlyStopping.on_epoch_end

    def remember_and_see(self, epoch, logs=None):
        seen.append((logs["val_accuracy"], -logs["val_loss"]))
        see(self, epoch, logs)

    monkeypatch.setattr(EarlyStopping, "on_epoch_end", remember_and_see)
    kept = fit_sample(tmp_path, watch="accuracy", epochs=8, learning_rate=0.02, patience=8).facts

    assert max(seen) != max(seen, key=lambda one: one[1])
    assert kept.metrics["validation"].accuracy == pytest.approx(max(seen)[0])


def test_a_training_that_is_led_astray_gets_a_sentence(fit_sample, tmp_path):
    with pytest.raises(TrainingFailed, match="smaller --learning-rate"):
        fit_sample(tmp_path, learning_rate=1e30)


def test_a_training_that_fails_leaves_the_earlier_file(tmp_path):
    output = tmp_path / "model.h5"
    output.write_bytes(b"the earlier file")

    with pytest.raises(DataRefused):
        train(configure(data_dir=tmp_path / "nowhere", output=output))

    assert output.read_bytes() == b"the earlier file"


@pytest.fixture
def running(sample, tmp_path):
    """A training in a process of its own that has finished an epoch; an earlier file is there."""
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


def test_ctrl_c_gets_a_sentence_and_leaves_the_earlier_file(running, tmp_path):
    running.send_signal(signal.SIGINT)
    output, errors = running.communicate()

    assert (running.returncode, output) == (130, "")
    assert errors == (
        "fashion-train: Stopped; no model file was changed. `train --resume` goes on with one.\n"
    )
    assert (tmp_path / "model.h5").read_bytes() == b"the earlier file"


def test_a_killed_training_goes_on_to_the_weights_it_would_have_had(
    running, sample, fit_sample, tmp_path, digest
):
    running.kill()
    running.wait()
    output = tmp_path / "model.h5"
    assert output.read_bytes() == b"the earlier file"

    train(configure(data_dir=sample, output=output, resume=True, quiet=True, **LONG))

    assert files(tmp_path) == ["model.h5"]
    assert digest(load_model(output)) == digest(fit_sample(tmp_path / "whole", **LONG).model)
