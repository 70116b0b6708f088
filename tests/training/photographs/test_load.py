import shutil

import numpy as np
import pytest

from training.photographs.folder import PhotographsRefused
from training.photographs.load import load_photographs


@pytest.fixture(scope="module")
def split(wardrobe):
    return load_photographs(wardrobe, wardrobe / "mapping.json", share=0.3, seed=3, quiet=True)


def test_all_photographs_are_on_one_side_or_the_other(split):
    sides = split.train, split.validation

    assert sum(len(side.unvaried) for side in sides) == 17
    assert all(len(side.unvaried) >= 3 for side in sides)
    assert set(np.concatenate([side.targets for side in sides]).argmax(axis=1)) == {4, 8}


def test_near_duplicates_are_on_the_same_side(split):
    train = {pixels.tobytes() for pixels in split.train.unvaried}

    assert not train & {pixels.tobytes() for pixels in split.validation.unvaried}


def test_every_variant_has_the_targets_of_its_photograph(split):
    pixels, targets = split.train.flat()
    varied = split.train.variants.shape[1]

    assert len(pixels) == len(targets) == varied * len(split.train.unvaried)
    assert np.array_equal(pixels[varied], split.train.unvaried[1])
    assert np.array_equal(targets[varied], split.train.targets[1])


def test_the_unvaried_picture_is_one_of_the_views(split):
    for pixels, views in zip(split.train.unvaried, split.train.views, strict=True):
        assert any(np.array_equal(pixels, view) for view in views)


def test_photographs_of_no_class_are_on_neither_side(split):
    assert (split.out_of_distribution.dtype, split.out_of_distribution.shape) == (
        np.uint8,
        (3, 4, 28, 28),
    )


def test_the_report_names_what_was_read_and_what_was_not(split, wardrobe):
    assert "9 coat" in split.report
    assert "3 hat" in split.report
    assert f"skipped {wardrobe / 'coat' / 'notes.txt'}: " in split.report


def test_one_photograph_is_too_few_to_split(wardrobe, tmp_path):
    (tmp_path / "coat").mkdir()
    shutil.copy(wardrobe / "coat" / "1.png", tmp_path / "coat")

    with pytest.raises(PhotographsRefused, match="fewer than two"):
        load_photographs(tmp_path, None, share=0.3, seed=3, quiet=True)
