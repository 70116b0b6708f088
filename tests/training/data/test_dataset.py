import numpy as np
import pytest

from service.fashion_mnist import CLASS_NAMES
from training.data import dataset as module
from training.data.dataset import load
from training.data.idx import KNOWN, DataRefused
from training.fitting.split import split
from training.options.config import OptionRefused


def test_a_folder_is_read_with_its_name_and_digests(sample):
    data = load(sample)

    assert (data.name, len(data.train), len(data.test)) == ("sample", 1200, 1000)
    assert data.sha256 == KNOWN["sample"]


def test_the_environment_names_the_folder(sample, monkeypatch):
    monkeypatch.setenv("FASHION_DATA_DIR", str(sample))

    assert load(None).name == "sample"


def test_a_folder_that_is_named_is_never_downloaded_to(tmp_path):
    with pytest.raises(DataRefused, match="is missing"):
        load(tmp_path)


def test_without_a_folder_the_data_are_downloaded_to_the_cache(sample, tmp_path, monkeypatch):
    def copy(folder, quiet):
        folder.symlink_to(sample)

    monkeypatch.setattr(module, "download", copy)

    assert load(None).name == "sample"
    assert (tmp_path / "cache").is_symlink()


def test_a_split_keeps_the_share_of_each_class(data):
    learning, validation = split(data.train, 0.2, seed=42)

    assert (len(learning), len(validation)) == (960, 240)
    assert np.bincount(validation.labels).tolist() == [24] * len(CLASS_NAMES)


def test_a_split_loses_and_repeats_no_picture(data):
    parts = split(data.train, 0.8, seed=42)

    together = np.concatenate([part.pixels for part in parts]).reshape(1200, -1)
    assert sorted(map(bytes, together)) == sorted(map(bytes, data.train.pixels.reshape(1200, -1)))


def test_a_split_depends_on_the_seed_alone(data):
    first, again, other = (split(data.train, 0.2, seed)[1].pixels for seed in (1, 1, 2))

    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize(("share", "kept"), [(0.001, 1), (0.995, 1194)])
def test_a_split_with_too_few_pictures_on_one_side_is_refused(data, share, kept):
    with pytest.raises(OptionRefused, match=f"keeps {kept} of 1200 pictures aside: at least 10"):
        split(data.train, share, seed=42)
