import numpy as np
import pytest

from service.images.read import read_picture
from training.evaluation.photograph_set import take_album
from training.photographs.folder import PhotographsRefused, find_photographs


def test_an_album_holds_what_the_service_sees_of_each_photograph(album):
    for photograph, views in zip(album.photographs, album.views, strict=True):
        data = photograph.path.read_bytes()
        asked = read_picture(data, "photo", max_pixels=10**6).asked
        assert np.array_equal(views[: len(asked)], asked)


def test_strangers_are_in_it_without_a_right_class(album):
    hats = album.labelled("hat")

    assert hats.sum() == 3
    assert np.array_equal(album.known, ~hats)
    assert album.allowed[hats].sum() == 0
    assert album.named().allowed.sum() == 17


def test_what_cannot_be_read_is_named(album, wardrobe):
    (sentence,) = album.skipped

    assert sentence.startswith(f"skipped {wardrobe / 'coat' / 'notes.txt'}: ")


def test_a_folder_without_a_readable_photograph_is_refused(tmp_path):
    (tmp_path / "coat").mkdir()
    (tmp_path / "coat" / "notes.txt").write_text("text")

    with pytest.raises(
        PhotographsRefused, match="Not one photograph of the ten classes can be read"
    ):
        take_album(find_photographs(tmp_path), quiet=True)
