import hashlib
import os
import threading

import pytest

from service.errors import ModelRefused
from service.model_file.source import read_source


def test_the_content_comes_with_its_digest(dropout_model):
    source = read_source(dropout_model)

    assert source.data == dropout_model.read_bytes()
    assert source.digest == hashlib.sha256(source.data).hexdigest()


def folder(path):
    path.mkdir()


def link_to_itself(path):
    path.symlink_to(path)


def huge_file(path):
    with open(path, "wb") as huge:
        huge.truncate(2**40)


def text_file(path):
    path.write_text("not a model")


@pytest.mark.parametrize(
    ("write", "reason"),
    [
        (lambda path: None, r"FASHION_MODEL_PATH.*`fashion-train train`"),
        (folder, "not a regular file"),
        (os.mkfifo, "not a regular file"),
        (link_to_itself, "cannot be read"),
        (huge_file, "larger than"),
        (text_file, "not an HDF5 file"),
    ],
)
def test_what_cannot_be_a_model_file_is_refused_without_waiting(tmp_path, write, reason):
    write(tmp_path / "model.h5")

    with pytest.raises(ModelRefused, match=reason):
        read_source(tmp_path / "model.h5")


def test_a_file_that_is_being_written_is_never_half_read(dropout_model, tmp_path):
    target, good = tmp_path / "model.h5", dropout_model.read_bytes()
    target.write_bytes(good)
    whole = {hashlib.sha256(good + end).hexdigest() for end in (b"", b"more")}
    stop = threading.Event()

    def write():
        with open(target, "r+b") as opened:
            while not stop.is_set():
                opened.seek(0, os.SEEK_END)
                opened.write(b"more")
                opened.truncate(len(good))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        seen = {outcome(target) for _ in range(200)}
    finally:
        stop.set()
        writer.join()
    assert seen <= whole | {"it changed while it was read: try again when it is completely written"}


def outcome(path):
    """Return the digest of what was read, or the reason for the refusal."""
    try:
        return read_source(path).digest
    except ModelRefused as refusal:
        return str(refusal)
