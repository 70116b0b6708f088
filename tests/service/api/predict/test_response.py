import numpy as np
import pytest

from service.api.predict.response import describe_picture
from service.api.schemas import PictureAnswer, PredictOptions
from service.images.photograph.warnings import TOO_DARK
from service.images.picture import Box, Picture
from service.model.confidence import CalibratedPrediction

PIXELS = np.zeros((28, 28), np.uint8)
PROBABILITIES = np.array([0.05, 0.1, 0.05, 0.05, 0.3, 0.05, 0.3, 0.05, 0.04, 0.01], np.float32)


EXACT = Picture(PIXELS, 28, 28, "L", "exact", None, (), PIXELS[None])
BOX = Box(10, 20, 290, 380)
PHOTOGRAPH = Picture(PIXELS, 300, 400, "RGB", "photo", BOX, (TOO_DARK,), PIXELS[None])


def describe(picture=EXACT, score=None, stranger=False, **options):
    return describe_picture(
        picture,
        CalibratedPrediction(PROBABILITIES, score, stranger),
        PredictOptions(**({"min_confidence": 0.5} | options)),
    )


def test_a_prediction_has_the_members_of_the_schema():
    PictureAnswer.model_validate(describe(), extra="forbid")
    PictureAnswer.model_validate(describe(preview=True), extra="forbid")
    PictureAnswer.model_validate(describe(PHOTOGRAPH), extra="forbid")
    PictureAnswer.model_validate(describe(score=0.5), extra="forbid")


def test_input_says_how_the_picture_was_used():
    assert describe(fit="auto")["input"] == {"fit": "exact", "width": 28, "height": 28, "mode": "L"}
    assert describe(PHOTOGRAPH, fit="auto")["input"] == {
        "fit": "photo",
        "width": 300,
        "height": 400,
        "mode": "RGB",
        "crop": {"left": 10, "top": 20, "right": 290, "bottom": 380},
    }


def test_warnings_are_listed_with_their_sentences():
    assert describe()["warnings"] == []
    assert describe(PHOTOGRAPH)["warnings"] == [{"code": "too-dark", "message": TOO_DARK.sentence}]


def test_the_first_of_two_equal_classes_wins():
    answer = describe(top_k=2)

    assert answer["class_name"] == "Coat"
    assert [one["class_name"] for one in answer["probabilities"]] == ["Coat", "Shirt"]


@pytest.mark.parametrize(("least", "decision"), [(0.3, "certain"), (0.31, "uncertain")])
def test_the_decision_depends_on_the_confidence(least, decision):
    assert describe(min_confidence=least)["decision"] == decision


def test_a_stranger_is_always_uncertain():
    answer = describe(score=0.99, stranger=True, min_confidence=0)

    assert (answer["decision"], answer["stranger_score"]) == ("uncertain", 0.99)


def test_a_model_without_a_stranger_score_gives_none():
    assert "stranger_score" not in describe()
