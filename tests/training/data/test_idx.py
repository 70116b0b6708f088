import gzip
import shutil

import numpy as np
import pytest

from training.data.idx import FILES, KNOWN, DataRefused, read_folder, sha256

PICTURES = "train-images-idx3-ubyte.gz"
LABELS = "train-labels-idx1-ubyte.gz"


@pytest.fixture
def folder(sample, tmp_path):
    """A copy of the sample, to damage."""
    for name in FILES:
        shutil.copy(sample / name, tmp_path / name)
    return tmp_path


def refusal(folder):
    with pytest.raises(DataRefused) as refusal:
        read_folder(folder)
    return str(refusal.value)


def test_the_sample_is_recognised_and_read(sample):
    name, arrays = read_folder(sample)

    assert name == "sample"
    assert [arrays[file].shape for file in FILES] == [
        (1200, 28, 28),
        (1200,),
        (1000, 28, 28),
        (1000,),
    ]
    assert all(array.dtype == np.uint8 for array in arrays.values())
    assert arrays[FILES[3]][:5].tolist() == [9, 2, 1, 1, 6]  # like the official test set


def test_a_folder_that_does_not_exist_is_refused(tmp_path):
    assert refusal(tmp_path / "nowhere").startswith(
        f"The data folder {tmp_path}/nowhere does not exist: name one that holds {FILES[0]}"
    )


def test_a_file_in_place_of_the_folder_is_refused(sample):
    assert "is a file, not a folder" in refusal(sample / PICTURES)


def test_a_missing_file_is_named_with_what_to_do(folder):
    (folder / LABELS).unlink()

    sentence = refusal(folder)
    assert sentence.startswith(f"{folder / LABELS} is missing")
    assert "Leave out --data-dir" in sentence


def test_a_truncated_file_is_refused_with_its_name_and_the_digest_expected(folder):
    path = folder / PICTURES
    path.write_bytes(path.read_bytes()[:-1000])

    sentence = refusal(folder)
    assert sentence.startswith(f"{path} is cut short; the official file has the sha256 3aede38d")
    assert sentence.endswith("to have it downloaded.")


@pytest.mark.parametrize(
    ("wrong", "right", "holds"),
    [(LABELS, PICTURES, "labels where pictures"), (PICTURES, LABELS, "pictures where labels")],
)
def test_swapped_pictures_and_labels_are_recognised(folder, wrong, right, holds):
    shutil.copy(folder / wrong, folder / right)

    assert f"{folder / right} holds {holds} are expected" in refusal(folder)


@pytest.mark.parametrize(
    "content", [b"", b"not gzip", b"\x1f\x8b broken", gzip.compress(b"x" * 99)[:-8] + b"\0" * 8]
)
def test_anything_that_is_not_a_gzip_file_is_refused(folder, content):
    (folder / PICTURES).write_bytes(content)

    assert refusal(folder).startswith(f"{folder / PICTURES} is ")


def test_pictures_of_another_data_set_are_refused(folder):
    path = folder / PICTURES
    content = bytearray(gzip.decompress(path.read_bytes()))
    content[-1] ^= 1
    path.write_bytes(gzip.compress(bytes(content)))

    assert f"{path} does not hold the pictures of a known data set" in refusal(folder)


def test_files_of_two_data_sets_are_not_mixed(folder, monkeypatch):
    other = gzip.compress(b"\0\0\x08\x01\0\0\0\0")
    (folder / LABELS).write_bytes(other)
    monkeypatch.setitem(KNOWN, "other", {**KNOWN["official"], LABELS: sha256(other)})

    assert refusal(folder) == (
        f"The files in {folder} are of different data sets: keep one set there."
    )
