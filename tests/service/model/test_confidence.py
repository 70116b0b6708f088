from itertools import pairwise

import numpy as np
import pytest

from service.model.confidence import (
    CalibratedPrediction,
    Confidence,
    fits_with_ood_score,
    pooled,
    scale_by_temperature,
    stranger_score,
)
from service.model.facts import CalibrationFacts, ConfidenceFacts, OutOfDistributionFacts

LOGITS = np.array([[2.0, 1.0, -3.0, 0.5, 0.0, 0.0, 1.5, -1.0, 4.0, 0.2]])
STRANGERS = OutOfDistributionFacts(quantiles=(0.1, 0.2, 0.4, 0.8), threshold=0.9)
BOTH = ConfidenceFacts(
    exact=CalibrationFacts(temperature=2.0, out_of_distribution=STRANGERS),
    photo=CalibrationFacts(out_of_distribution=STRANGERS.model_copy(update={"threshold": 0.5})),
)


def softmax(logits):
    powers = np.exp(logits)
    return (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)


def answer(*strangeness):
    return np.concatenate([softmax(LOGITS)[0], strangeness]).astype(np.float32)


def test_pooled_chances_are_the_softmax_of_the_mean_of_the_logits():
    logits = np.stack([LOGITS[0], LOGITS[0, ::-1], 2 * LOGITS[0]])

    found = pooled(softmax(logits))

    assert found.dtype == np.float32
    assert found == pytest.approx(softmax(logits.mean(axis=0)[None])[0], abs=1e-6)


def test_pooled_strangeness_is_the_mean():
    assert pooled(np.stack([answer(0.2, 0.5), answer(0.4, 0.6)]))[10:] == pytest.approx([0.3, 0.55])


def test_a_single_answer_is_not_touched():
    assert np.array_equal(pooled(answer(0.2)[None]), answer(0.2))


def test_certain_answers_that_differ_pool_to_numbers():
    found = pooled(np.eye(10, dtype=np.float32)[:2])

    assert found[:3] == pytest.approx([0.5, 0.5, 0])


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_calibrated_is_the_softmax_of_logits_divided_by_the_temperature(temperature):
    found = scale_by_temperature(softmax(LOGITS), temperature)

    assert found.dtype == np.float32
    assert found == pytest.approx(softmax(LOGITS / temperature), abs=1e-6)


def test_a_certain_answer_stays_a_number_at_any_allowed_temperature():
    certain = np.eye(10, dtype=np.float32)[:1]

    for temperature in (0.05, 20):
        assert scale_by_temperature(certain, temperature).tolist() == certain.tolist()


def test_the_score_is_the_share_of_known_pictures_that_are_less_strange():
    known = np.sort(np.random.default_rng(1).gamma(2, 0.1, 5000))
    quantiles = np.quantile(known, np.arange(100) / 100).tolist()

    for strangeness in (known[0], 0.1, 0.2, 0.5, float(known[4900])):
        share = (known < strangeness).mean()
        assert stranger_score(strangeness, quantiles) == pytest.approx(share, abs=0.002)


def test_the_farther_of_two_strangers_has_the_higher_score():
    far = np.linspace(0.7, 2, 200)
    scores = [stranger_score(one, STRANGERS.quantiles) for one in far]

    assert all(first < second for first, second in pairwise(scores))
    assert scores[-1] < 1


def test_what_is_less_strange_than_all_known_pictures_scores_nothing():
    assert stranger_score(-0.001, STRANGERS.quantiles) == 0


def test_a_table_that_is_the_same_throughout_still_gives_a_score():
    assert stranger_score(0.1, (0.1, 0.1)) == 0.5
    assert 0.5 < stranger_score(0.2, (0.1, 0.1)) < 1


def test_each_route_has_its_own_temperature_number_and_threshold():
    confidence = Confidence(BOTH)
    genuine = confidence.calibrate(answer(0.3, 0.7), "exact")
    photograph = confidence.calibrate(answer(0.3, 0.7), "photo")

    assert genuine.probabilities == pytest.approx(softmax(LOGITS / 2)[0], abs=1e-6)
    assert photograph.probabilities == pytest.approx(softmax(LOGITS)[0], abs=1e-6)
    assert genuine.stranger_score == pytest.approx(0.375)
    assert photograph.stranger_score == pytest.approx(0.6875)
    assert (genuine.out_of_distribution, photograph.out_of_distribution) == (False, True)


def test_raw_leaves_the_probabilities_as_they_are():
    judged = Confidence(BOTH).calibrate(answer(0.3, 0.7), "exact", raw=True)

    assert (judged.probabilities == answer()).all()
    assert judged.stranger_score == pytest.approx(0.375)


def test_without_facts_an_answer_is_taken_at_its_word():
    for route in ("exact", "photo"):
        judged = Confidence(None).calibrate(answer(), route)

        assert (judged.probabilities == answer()).all()
        assert judged[1:] == (None, False)


def test_photographs_are_judged_as_genuine_where_none_were_learned_from():
    confidence = Confidence(ConfidenceFacts(exact=BOTH.exact))
    genuine, photograph = (confidence.calibrate(answer(1.9), one) for one in ("exact", "photo"))

    assert photograph.out_of_distribution
    assert photograph[1:] == genuine[1:]
    assert (photograph.probabilities == genuine.probabilities).all()


def test_a_strangeness_that_is_no_number_is_a_stranger():
    assert Confidence(BOTH).calibrate(answer(np.nan, 0.1), "exact").out_of_distribution


def test_what_is_likely_enough_and_no_stranger_is_certain():
    known, stranger = (
        Confidence(BOTH).calibrate(answer(0.3, 0.1), "exact"),
        CalibratedPrediction(answer(), 1, True),
    )

    assert [known.is_certain(one) for one in (0.39, 0.4)] == [False, True]
    assert [known.is_certain(0.6, least) for least in (0.6, 0.61)] == [True, False]
    assert not stranger.is_certain(1.0)


def test_the_graph_answers_a_number_for_each_route_that_has_strangers():
    calm = ConfidenceFacts(exact=CalibrationFacts(temperature=2), photo=BOTH.photo)

    assert fits_with_ood_score(None) == []
    assert fits_with_ood_score(BOTH) == ["exact", "photo"]
    assert fits_with_ood_score(calm) == ["photo"]
    assert Confidence(calm).calibrate(answer(0.7), "photo").out_of_distribution


def test_facts_under_the_names_of_earlier_versions_still_open():
    old = {"genuine": {"temperature": 2.0, "strangers": None}, "photograph": {"temperature": 3.0}}
    photo = CalibrationFacts(temperature=3)

    assert ConfidenceFacts.model_validate(old) == ConfidenceFacts(
        exact=CalibrationFacts(temperature=2), photo=photo
    )
