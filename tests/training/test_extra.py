import numpy as np
import pytest
from PIL import Image, ImageDraw

from training.extra import load_extra
from training.photographs import PhotographsRefused


def save(path, seed):
    """Draw a garment of a chance shape and colour, and save it."""
    random = np.random.default_rng(seed)
    image = Image.new("RGB", (120, 120), (200, 190, 180))
    corners = [tuple(point) for point in random.integers(15, 105, (7, 2)).tolist()]
    ImageDraw.Draw(image).polygon(corners, fill=tuple(random.integers(0, 120, 3).tolist()))
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Eight coats of which one lies there twice, eight bags, three hats, and a text."""
    tmp_path = tmp_path_factory.mktemp("photographs")
    for place, (label, count) in enumerate([("coat", 8), ("bag", 8), ("hat", 3)]):
        for number in range(count):
            save(tmp_path / label / f"{number}.png", 100 * place + number)
    save(tmp_path / "coat" / "again.png", 0)
    (tmp_path / "coat" / "notes.txt").write_text("text")
    (tmp_path / "mapping.json").write_text('{"coat": [4], "bag": [8], "hat": []}')
    return tmp_path


@pytest.fixture(scope="module")
def extra(folder):
    return load_extra(folder, folder / "mapping.json", share=0.3, seed=3, quiet=True)


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


def test_the_report_names_what_was_taken_and_what_was_not(extra, folder):
    assert "9 coat" in extra.report
    assert "left out hat: none of the ten classes" in extra.report
    assert f"skipped {folder / 'coat' / 'notes.txt'}: " in extra.report


def test_one_photograph_is_too_few_to_split(tmp_path):
    save(tmp_path / "coat" / "one.png", 1)

    with pytest.raises(PhotographsRefused, match="fewer than two"):
        load_extra(tmp_path, None, share=0.3, seed=3, quiet=True)
