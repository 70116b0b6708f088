import pytest

from training.data import dataset
from training.data.dataset import load
from training.data.idx import KNOWN, DataRefused


def test_a_folder_is_read_with_its_name_and_digests(sample):
    data = load(sample)

    assert (data.name, len(data.train), len(data.test)) == ("sample", 1200, 1000)
    assert data.sha256 == KNOWN["sample"]


def test_nothing_is_downloaded_unless_asked_for(tmp_path):
    with pytest.raises(DataRefused, match="is missing"):
        load(tmp_path)


def test_missing_files_are_downloaded_first(sample, tmp_path, monkeypatch):
    monkeypatch.setattr(dataset, "download", lambda folder, quiet: folder.symlink_to(sample))

    assert load(tmp_path / "cache", fetch=True).name == "sample"
