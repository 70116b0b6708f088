import numpy as np
import pytest
from PIL import Image

from training.evaluation.contact_sheet import choose, draw_places, draw_sheet
from training.evaluation.served_answers import Judge


@pytest.fixture(scope="module")
def verdicts(shipped_model, album):
    return Judge(shipped_model).answer(album.views, "photo")


def test_wrongly_named_photographs_come_first_and_strangers_not_at_all(album, verdicts):
    places = choose(album, verdicts)
    best = verdicts.probabilities.argmax(axis=1)
    right = [bool(album.allowed[place, best[place]]) for place in places]

    assert sorted(places) == np.flatnonzero(album.known).tolist()
    assert right == sorted(right)


def test_a_sheet_shows_six_photographs_in_a_row(album, verdicts, tmp_path):
    draw_sheet(album, verdicts, tmp_path / "sheet.png")

    with Image.open(tmp_path / "sheet.png") as image:
        assert image.format == "PNG"
        assert image.size == (1056, 504)
        assert len(image.convert("RGB").getcolors(10**6)) > 100


def test_a_few_photographs_make_a_narrow_sheet(album, verdicts, tmp_path):
    draw_places(album, verdicts, [0, 1], tmp_path / "two.png")

    with Image.open(tmp_path / "two.png") as image:
        assert image.size == (352, 168)
