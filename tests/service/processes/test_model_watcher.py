import os
import shutil
import threading

import pytest

from service.errors import ModelRefused
from service.model_file.examiner import Limits
from service.processes.model_watcher import ModelOwner


@pytest.fixture
def path(dropout_model, tmp_path):
    return shutil.copy(dropout_model, tmp_path / "model.h5")


@pytest.fixture
def woken():
    return threading.Event()


@pytest.fixture
def owner(path, woken):
    owner = ModelOwner(path, Limits(), wake=woken.set)
    owner.examine_first()
    return owner


def replace(path, data):
    """Put another file at the path, as a careful writer does."""
    beside = path.with_suffix(".new")
    beside.write_bytes(data)
    os.replace(beside, path)


def outcome(owner, woken):
    """Wait for the examination that is under way and take its outcome."""
    assert woken.wait(30)
    woken.clear()
    return owner.take()


def test_a_start_with_a_bad_file_is_refused(tmp_path):
    with pytest.raises(ModelRefused):
        ModelOwner(tmp_path / "none.h5", Limits(), wake=lambda: None).examine_first()


def test_a_file_that_does_not_change_is_not_examined_again(owner):
    owner.look()
    owner.look()

    assert not owner.busy


def test_another_file_is_examined_once_it_has_settled(owner, path, woken, another_model):
    before = owner.model
    replace(path, another_model.read_bytes())
    owner.look()
    assert not owner.busy
    owner.look()
    assert owner.busy

    assert outcome(owner, woken)
    assert owner.model != before
    assert owner.candidate.reason is None
    owner.look()
    assert not owner.busy


def test_a_refused_file_leaves_the_model_and_is_known_by_its_reason(owner, path, woken):
    before = owner.model
    replace(path, path.read_bytes()[:-1000])
    owner.begin()

    assert not outcome(owner, woken)
    assert owner.model == before
    assert "may not serve" in owner.candidate.reason
    assert owner.candidate.refusals == 1


def test_the_same_refusal_is_counted_and_logged_once(owner, path, woken, caplog):
    replace(path, b"not a model")
    for _ in range(3):
        owner.begin()
        outcome(owner, woken)

    assert owner.candidate.refusals == 1
    assert caplog.text.count("a model file was refused") == 1


def test_the_old_file_put_back_is_no_news_and_clears_the_refusal(owner, path, woken):
    good = path.read_bytes()
    replace(path, b"not a model")
    owner.begin()
    outcome(owner, woken)
    replace(path, good)
    owner.begin()

    assert not outcome(owner, woken)
    assert owner.candidate.reason is None
    assert owner.candidate.refusals == 1


def test_a_file_that_is_gone_leaves_the_model(owner, path, woken):
    path.unlink()
    owner.look()
    owner.look()

    assert not outcome(owner, woken)
    assert "there is no such file" in owner.candidate.reason
