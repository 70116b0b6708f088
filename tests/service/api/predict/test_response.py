import numpy as np
import pytest

from service.api.predict.response import describe_picture
from service.api.schemas import PictureAnswer, PredictOptions
from service.images.photograph.warnings import TOO_DARK
from service.images.picture import Box, Picture
from service.model.confidence import CalibratedPrediction

PIXELS = np.zeros((28, 28), np.uint8)
PROBABILITIES = np.array([0.05, 0.1, 0.05, 0.05, 0.3, 0.05, 0.3, 0.05, 0.04, 0.01], np.float32)


EXACT = Picture(PIXELS, 28, 28, "L", "exact", None, ())
PHOTOGRAPH = Picture(PIXELS, 300, 400, "RGB", "photo", Box(10, 20, 290, 380), (TOO_DARK,))


def describe(picture=EXACT, score=None, stranger=False, **options):
    return describe_picture(
        picture,
        CalibratedPrediction(PROBABILITIES, score, stranger),
        PredictOptions(**({"min_confidence": 0.5} | options)),
    )


def test_it_has_the_members_that_the_schema_promises():
    PictureAnswer.model_validate(describe(), extra="forbid")
    PictureAnswer.model_validate(describe(preview=True), extra="forbid")
    PictureAnswer.model_validate(describe(PHOTOGRAPH), extra="forbid")
    PictureAnswer.model_validate(describe(score=0.5), extra="forbid")


def test_it_says_how_the_picture_was_taken_whatever_was_asked_for():
    assert describe(fit="auto")["input"] == {"fit": "exact", "width": 28, "height": 28, "mode": "L"}
    assert describe(PHOTOGRAPH, fit="auto")["input"] == {
        "fit": "photo",
        "width": 300,
        "height": 400,
        "mode": "RGB",
        "crop": {"left": 10, "top": 20, "right": 290, "bottom": 380},
    }


def test_it_says_what_is_odd_about_the_picture():
    assert describe()["warnings"] == []
    assert describe(PHOTOGRAPH)["warnings"] == [{"code": "too-dark", "message": TOO_DARK.sentence}]


def test_of_two_equal_classes_the_first_is_named():
    answer = describe(top_k=2)

    assert answer["class_name"] == "Coat"
    assert [one["class_name"] for one in answer["probabilities"]] == ["Coat", "Shirt"]


@pytest.mark.parametrize(("least", "decision"), [(0.3, "certain"), (0.31, "uncertain")])
def test_the_decision_is_by_confidence(least, decision):
    assert describe(min_confidence=least)["decision"] == decision


def test_a_stranger_is_uncertain_however_likely_a_class_is():
    answer = describe(score=0.99, stranger=True, min_confidence=0)

    assert (answer["decision"], answer["stranger_score"]) == ("uncertain", 0.99)


def test_a_model_that_cannot_tell_strangers_gives_no_score():
    assert "stranger_score" not in describe()
