import keras
import pytest

from training.fitting.checkpoints import ResumeRefused, Snapshots, StateFolder

# Steps so large that the best epoch is not the last, and training stops early.
HASTY = {"learning_rate": 0.02, "epochs": 12, "patience": 2}


@pytest.fixture(scope="module")
def uninterrupted(fit_sample, tmp_path_factory):
    return fit_sample(tmp_path_factory.mktemp("whole"), **HASTY)


@pytest.fixture
def interrupted(fit_sample, tmp_path, monkeypatch):
    """Interrupt a training after some epochs."""

    def run(done, **given):
        write = Snapshots.on_epoch_end

        def write_and_interrupt(self, epoch, logs=None):
            write(self, epoch, logs)
            if epoch + 1 == done:
                raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(Snapshots, "on_epoch_end", write_and_interrupt)
            with pytest.raises(KeyboardInterrupt):
                fit_sample(tmp_path, **given)
        return StateFolder(tmp_path / "model.h5")

    return run


@pytest.mark.parametrize("done", [1, 2, 3, 4])
def test_a_resumed_training_ends_with_the_weights_of_an_uninterrupted_one(
    done, interrupted, fit_sample, uninterrupted, tmp_path, digest
):
    interrupted(done, **HASTY)

    resumed = fit_sample(tmp_path, resume=True, **HASTY)

    assert digest(resumed.model) == digest(uninterrupted.model)
    assert resumed.epochs_run == uninterrupted.epochs_run
    assert done <= uninterrupted.epochs_run < HASTY["epochs"]  # it stopped early


def test_the_checkpoint_holds_the_best_weights_even_after_a_resume(
    interrupted, fit_sample, uninterrupted, tmp_path, digest
):
    folder = interrupted(3, **HASTY)

    fit_sample(tmp_path, resume=True, **HASTY)

    assert digest(keras.saving.load_model(folder.best)) == digest(uninterrupted.model)


def test_average_schedule_and_augmentation_resume_where_they_were(
    interrupted, fit_sample, tmp_path, digest
):
    given = {"recipe": "cnn", "epochs": 3, "batch_size": 240}
    whole = fit_sample(tmp_path / "whole", **given)
    folder = interrupted(2, **given)

    resumed = fit_sample(tmp_path, resume=True, **given)

    assert digest(resumed.model) == digest(whole.model)
    assert digest(keras.saving.load_model(folder.best)) == digest(whole.model)


def test_resuming_without_a_snapshot_is_refused(fit_sample, tmp_path):
    with pytest.raises(
        ResumeRefused, match=r"There is nothing to resume: .*snapshot\.npz does not"
    ):
        fit_sample(tmp_path, resume=True)


def test_resuming_with_other_options_is_refused_and_names_them(interrupted, fit_sample, tmp_path):
    interrupted(1)

    with pytest.raises(
        ResumeRefused, match="other values of --batch-size, --seed: resume with the same"
    ):
        fit_sample(tmp_path, resume=True, seed=1, batch_size=64)


@pytest.mark.parametrize("damage", [b"", b"half", b"PK\x03\x04 cut"])
def test_a_damaged_snapshot_is_refused(damage, interrupted, fit_sample, tmp_path):
    interrupted(1).snapshot.write_bytes(damage)

    with pytest.raises(ResumeRefused, match="cannot be read"):
        fit_sample(tmp_path, resume=True)


def test_a_new_training_ignores_an_earlier_snapshot(interrupted, fit_sample, tmp_path):
    interrupted(1, seed=1)

    assert fit_sample(tmp_path).epochs_run == 3


def test_clearing_keeps_other_files(tmp_path):
    folder = StateFolder(tmp_path / "model.h5")
    folder.start()
    folder.snapshot.touch()
    (folder.path / "notes.txt").touch()

    folder.clear()

    assert [path.name for path in folder.path.iterdir()] == ["notes.txt"]
