import numpy as np
import pytest

from benchmarks.rounds import Dishonest, answers, check_answers, check_count, probabilities
from benchmarks.servers import Running, running, service
from service.fashion_mnist import to_rows
from service.model.classifier import Classifier

TEN = [0.1] * 10


def test_the_answers_of_the_service_are_those_of_the_engine(
    tmp_path, dropout_model, dropout, real_pixels
):
    with running(service(), dropout_model, tmp_path) as live:
        found = answers(live)

    expected = Classifier(dropout.graph).probabilities(to_rows(real_pixels[: len(found)]))
    assert np.abs(found - expected).max() < 1e-6


@pytest.mark.parametrize(
    "answer",
    [
        {"class_index": 9, "probabilities": TEN},
        [{"probabilities": TEN}],
        {"probabilities": [{"class_index": 0, "probability": number} for number in TEN]},
    ],
)
def test_probabilities_are_read_from_every_server(answer):
    assert probabilities(answer) == TEN


def test_a_server_with_other_answers_is_refused():
    same = np.zeros((20, 10))

    check_answers("other", same + 1e-5, same)
    with pytest.raises(Dishonest, match="other"):
        check_answers("other", same + 1e-3, same)


@pytest.mark.parametrize(("answered", "honest"), [(60, True), (55, True), (61, False), (40, False)])
def test_the_service_must_count_a_prediction_for_each_picture(answered, honest):
    live = Running(service(), None, "", 0.5, answered=answered, in_flight=8)
    metrics = 'fashion_predictions_total{class_name="Bag"} 60.0\nfashion_other_total 3.0\n'

    if honest:
        check_count(live, metrics)
    else:
        with pytest.raises(Dishonest, match="counted 60"):
            check_count(live, metrics)
