import numpy as np
import pytest

from service.api.answers import describe_picture
from service.api.schemas import PictureAnswer, PredictOptions
from service.images.picture import Picture

PIXELS = np.zeros((28, 28), np.uint8)
PROBABILITIES = np.array([0.05, 0.1, 0.05, 0.05, 0.3, 0.05, 0.3, 0.05, 0.04, 0.01], np.float32)


def describe(**options):
    return describe_picture(
        Picture(PIXELS, 28, 28, "L"),
        PROBABILITIES,
        PredictOptions(**({"min_confidence": 0.5} | options)),
    )


def test_it_has_the_members_that_the_schema_promises():
    PictureAnswer.model_validate(describe(), extra="forbid")
    PictureAnswer.model_validate(describe(preview=True), extra="forbid")


def test_of_two_equal_classes_the_first_is_named():
    answer = describe(top_k=2)

    assert answer["class_name"] == "Coat"
    assert [one["class_name"] for one in answer["probabilities"]] == ["Coat", "Shirt"]


@pytest.mark.parametrize(("least", "decision"), [(0.3, "certain"), (0.31, "uncertain")])
def test_the_decision_is_by_confidence(least, decision):
    assert describe(min_confidence=least)["decision"] == decision
