import numpy as np
import pytest
from PIL import Image

from training.evaluation.contact_sheet import choose, draw_sheet
from training.evaluation.evaluate import ServedModel


@pytest.fixture(scope="module")
def predictions(shipped_model, photographs):
    return ServedModel(shipped_model).predict(photographs.views, "photo")


def test_wrong_predictions_come_first_and_photographs_of_no_class_are_left_out(
    photographs, predictions
):
    places = choose(photographs, predictions)
    best = predictions.probabilities.argmax(axis=1)
    right = [bool(photographs.allowed[place, best[place]]) for place in places]

    assert sorted(places) == np.flatnonzero(photographs.known).tolist()
    assert right == sorted(right)


def test_a_sheet_shows_six_photographs_in_a_row(photographs, predictions, tmp_path):
    draw_sheet(photographs, predictions, tmp_path / "sheet.png")

    with Image.open(tmp_path / "sheet.png") as image:
        assert image.format == "PNG"
        assert image.size == (1056, 504)
        assert len(image.convert("RGB").getcolors(10**6)) > 100
