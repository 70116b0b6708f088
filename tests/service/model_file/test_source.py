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


def test_the_refusal_of_a_missing_file_says_how_to_name_or_make_one(tmp_path):
    with pytest.raises(ModelRefused, match=r"FASHION_MODEL_PATH.*`fashion-train train`"):
        read_source(tmp_path / "none.h5")


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(ModelRefused, match="not a regular file"):
        read_source(tmp_path)


def test_a_link_to_itself_is_refused(tmp_path):
    (tmp_path / "loop.h5").symlink_to(tmp_path / "loop.h5")

    with pytest.raises(ModelRefused, match="cannot be read"):
        read_source(tmp_path / "loop.h5")


def test_a_huge_file_is_refused_without_reading_it(tmp_path):
    with open(tmp_path / "huge.h5", "wb") as huge:
        huge.truncate(2**40)

    with pytest.raises(ModelRefused, match="larger than"):
        read_source(tmp_path / "huge.h5")


def test_another_kind_of_file_is_refused(tmp_path):
    (tmp_path / "notes.h5").write_text("not a model")

    with pytest.raises(ModelRefused, match="not an HDF5 file"):
        read_source(tmp_path / "notes.h5")


def test_only_the_pinned_file_is_accepted(dropout_model):
    digest = hashlib.sha256(dropout_model.read_bytes()).hexdigest()

    assert read_source(dropout_model, pinned=digest).digest == digest
    with pytest.raises(ModelRefused, match="only 00 may serve"):
        read_source(dropout_model, pinned="00")


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
    """Return the digest of what was read, or why nothing was."""
    try:
        return read_source(path).digest
    except ModelRefused as refusal:
        return str(refusal)
