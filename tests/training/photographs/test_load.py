import shutil

import numpy as np
import pytest

from training.photographs.folder import PhotographsRefused
from training.photographs.load import load_extra


@pytest.fixture(scope="module")
def extra(wardrobe):
    return load_extra(wardrobe, wardrobe / "mapping.json", share=0.3, seed=3, quiet=True)


def test_all_photographs_are_on_one_side_or_the_other(extra):
    sides = extra.learning, extra.validation

    assert sum(len(side.plain) for side in sides) == 17
    assert all(len(side.plain) >= 3 for side in sides)
    assert set(np.concatenate([side.targets for side in sides]).argmax(axis=1)) == {4, 8}


def test_near_duplicates_are_on_the_same_side(extra):
    learned = {pixels.tobytes() for pixels in extra.learning.plain}

    assert not learned & {pixels.tobytes() for pixels in extra.validation.plain}


def test_every_variation_has_the_targets_of_its_photograph(extra):
    pixels, targets = extra.learning.all
    varied = extra.learning.pixels.shape[1]

    assert len(pixels) == len(targets) == varied * len(extra.learning.plain)
    assert np.array_equal(pixels[varied], extra.learning.plain[1])
    assert np.array_equal(targets[varied], extra.learning.targets[1])


def test_the_views_at_a_photograph_lie_beside_its_pictures(extra):
    for pixels, views in zip(extra.learning.plain, extra.learning.views, strict=True):
        assert any(np.array_equal(pixels, look) for look in views)
    assert np.array_equal(extra.validation.named.pixels, extra.validation.views)


def test_strangers_are_on_neither_side(extra):
    assert (extra.strangers.dtype, extra.strangers.shape) == (np.uint8, (3, 4, 28, 28))


def test_the_report_names_what_was_taken_and_what_was_not(extra, wardrobe):
    assert "9 coat" in extra.report
    assert "3 hat" in extra.report
    assert f"skipped {wardrobe / 'coat' / 'notes.txt'}: " in extra.report


def test_one_photograph_is_too_few_to_split(wardrobe, tmp_path):
    (tmp_path / "coat").mkdir()
    shutil.copy(wardrobe / "coat" / "1.png", tmp_path / "coat")

    with pytest.raises(PhotographsRefused, match="fewer than two"):
        load_extra(tmp_path, None, share=0.3, seed=3, quiet=True)
