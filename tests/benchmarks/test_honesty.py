import numpy as np
import pytest

from benchmarks.honesty import Dishonest, check_agreement, check_count, ten_numbers
from benchmarks.servers import Running, service

TEN = [0.1] * 10


@pytest.mark.parametrize(
    "answer",
    [
        {"class_index": 9, "probabilities": TEN},
        [{"probabilities": TEN}],
        {"sizes": [28, 28], "probabilities": [{"probability": number} for number in TEN]},
    ],
)
def test_ten_probabilities_are_found_wherever_they_are(answer):
    assert ten_numbers(answer) == TEN


def test_an_answer_without_them_is_refused():
    with pytest.raises(Dishonest, match="no ten probabilities"):
        ten_numbers({"class_index": 9})


def test_a_server_that_answers_something_else_is_refused():
    same = np.zeros((20, 10))

    assert check_agreement("other", same + 1e-5, same) == pytest.approx(1e-5)
    with pytest.raises(Dishonest, match="other"):
        check_agreement("other", same + 1e-3, same)


class Counted(Running):
    def get(self, path):
        return 'fashion_predictions_total{class_name="Bag"} 60.0\nfashion_other_total 3.0\n'


@pytest.mark.parametrize("answered", [60, 55])
def test_as_many_predictions_as_pictures_are_honest(answered):
    assert check_count(Counted(service(), 1, 1, 0.5, answered=answered, in_flight=8)) == 60


@pytest.mark.parametrize("answered", [61, 40])
def test_fewer_or_more_predictions_than_pictures_are_not(answered):
    with pytest.raises(Dishonest, match="60 predictions"):
        check_count(Counted(service(), 1, 1, 0.5, answered=answered, in_flight=8))
