import os
import shutil
import threading

import pytest

from service.errors import ModelRefused
from service.model_file.examiner import ExaminerLimits
from service.processes.model_watcher import ModelWatcher


@pytest.fixture
def path(dropout_model, tmp_path):
    return shutil.copy(dropout_model, tmp_path / "model.h5")


@pytest.fixture
def woken():
    return threading.Event()


@pytest.fixture
def watcher(path, woken):
    watcher = ModelWatcher(path, ExaminerLimits(), wake_up=woken.set)
    watcher.examine_first()
    return watcher


def replace(path, data):
    """Replace the file atomically."""
    new = path.with_suffix(".new")
    new.write_bytes(data)
    os.replace(new, path)


def outcome(watcher, woken):
    """Wait for the running examination and take its outcome."""
    assert woken.wait(30)
    woken.clear()
    return watcher.take()


def test_starting_with_a_bad_file_is_refused(tmp_path):
    with pytest.raises(ModelRefused):
        ModelWatcher(tmp_path / "none.h5", ExaminerLimits(), wake_up=lambda: None).examine_first()


def test_a_file_that_does_not_change_is_not_examined_again(watcher):
    watcher.look()
    watcher.look()

    assert not watcher.busy


def test_a_new_file_is_examined_once_it_has_stopped_changing(watcher, path, woken, another_model):
    before = watcher.model
    replace(path, another_model.read_bytes())
    watcher.look()
    assert not watcher.busy
    watcher.look()
    assert watcher.busy

    assert outcome(watcher, woken)
    assert watcher.model != before
    assert watcher.file_status.reason is None
    watcher.look()
    assert not watcher.busy


def test_a_refused_file_leaves_the_model_and_its_status_says_why(watcher, path, woken):
    before = watcher.model
    replace(path, path.read_bytes()[:-1000])
    watcher.begin()

    assert not outcome(watcher, woken)
    assert watcher.model == before
    assert "may not serve" in watcher.file_status.reason
    assert watcher.file_status.refusals == 1


def test_the_same_refusal_is_counted_and_logged_once(watcher, path, woken, caplog):
    replace(path, b"not a model")
    for _ in range(3):
        watcher.begin()
        outcome(watcher, woken)

    assert watcher.file_status.refusals == 1
    assert caplog.text.count("a model file was refused") == 1


def test_putting_the_old_file_back_changes_no_model_and_clears_the_refusal(watcher, path, woken):
    good = path.read_bytes()
    replace(path, b"not a model")
    watcher.begin()
    outcome(watcher, woken)
    replace(path, good)
    watcher.begin()

    assert not outcome(watcher, woken)
    assert watcher.file_status.reason is None
    assert watcher.file_status.refusals == 1


def test_a_deleted_file_leaves_the_model(watcher, path, woken):
    path.unlink()
    watcher.look()
    watcher.look()

    assert not outcome(watcher, woken)
    assert "there is no such file" in watcher.file_status.reason
