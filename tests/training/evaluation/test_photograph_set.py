import numpy as np
import pytest

from service.images.read import read_picture
from training.evaluation.photograph_set import read_photographs
from training.photographs.folder import PhotographsRefused, find_photographs


def test_each_photograph_is_read_as_the_service_reads_it(photographs):
    for photograph, views in zip(photographs.photographs, photographs.views, strict=True):
        data = photograph.path.read_bytes()
        asked = read_picture(data, "photo", max_pixels=10**6).views
        assert np.array_equal(views[: len(asked)], asked)


def test_photographs_of_no_class_have_no_right_class(photographs):
    hats = photographs.labelled("hat")

    assert hats.sum() == 3
    assert np.array_equal(photographs.known, ~hats)
    assert photographs.allowed[hats].sum() == 0
    assert photographs.allowed.sum() == 17


def test_a_file_that_cannot_be_read_is_named(photographs, wardrobe):
    (sentence,) = photographs.skipped

    assert sentence.startswith(f"skipped {wardrobe / 'coat' / 'notes.txt'}: ")


def test_a_folder_without_a_readable_photograph_is_refused(tmp_path):
    (tmp_path / "coat").mkdir()
    (tmp_path / "coat" / "notes.txt").write_text("text")

    with pytest.raises(PhotographsRefused, match="No photograph of the ten classes can be read"):
        read_photographs(find_photographs(tmp_path), quiet=True)
