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
SCORES = OutOfDistributionFacts(quantiles=(0.1, 0.2, 0.4, 0.8), threshold=0.9)
BOTH = ConfidenceFacts(
    exact=CalibrationFacts(temperature=2.0, out_of_distribution=SCORES),
    photo=CalibrationFacts(out_of_distribution=SCORES.model_copy(update={"threshold": 0.5})),
)


def softmax(logits):
    powers = np.exp(logits)
    return (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)


def output(*ood_scores):
    return np.concatenate([softmax(LOGITS)[0], ood_scores]).astype(np.float32)


def test_pooled_probabilities_are_the_softmax_of_the_mean_logits():
    logits = np.stack([LOGITS[0], LOGITS[0, ::-1], 2 * LOGITS[0]])

    found = pooled(softmax(logits))

    assert found.dtype == np.float32
    assert found == pytest.approx(softmax(logits.mean(axis=0)[None])[0], abs=1e-6)


def test_pooled_out_of_distribution_scores_are_the_mean():
    assert pooled(np.stack([output(0.2, 0.5), output(0.4, 0.6)]))[10:] == pytest.approx([0.3, 0.55])


def test_a_single_view_is_not_changed():
    assert np.array_equal(pooled(output(0.2)[None]), output(0.2))


def test_certain_views_that_differ_pool_to_finite_numbers():
    found = pooled(np.eye(10, dtype=np.float32)[:2])

    assert found[:3] == pytest.approx([0.5, 0.5, 0])


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_temperature_scaling_divides_the_logits(temperature):
    found = scale_by_temperature(softmax(LOGITS), temperature)

    assert found.dtype == np.float32
    assert found == pytest.approx(softmax(LOGITS / temperature), abs=1e-6)


def test_a_certain_prediction_stays_finite_at_any_allowed_temperature():
    certain = np.eye(10, dtype=np.float32)[:1]

    for temperature in (0.05, 20):
        assert scale_by_temperature(certain, temperature).tolist() == certain.tolist()


def test_the_stranger_score_is_the_share_of_known_pictures_with_a_lower_score():
    known = np.sort(np.random.default_rng(1).gamma(2, 0.1, 5000))
    quantiles = np.quantile(known, np.arange(100) / 100).tolist()

    for ood_score in (known[0], 0.1, 0.2, 0.5, float(known[4900])):
        share = (known < ood_score).mean()
        assert stranger_score(ood_score, quantiles) == pytest.approx(share, abs=0.002)


def test_the_stranger_score_rises_beyond_all_known_pictures_and_stays_below_one():
    far = np.linspace(0.7, 2, 200)
    scores = [stranger_score(one, SCORES.quantiles) for one in far]

    assert all(first < second for first, second in pairwise(scores))
    assert scores[-1] < 1


def test_a_score_below_all_known_pictures_gives_zero():
    assert stranger_score(-0.001, SCORES.quantiles) == 0


def test_equal_quantiles_still_give_a_score():
    assert stranger_score(0.1, (0.1, 0.1)) == 0.5
    assert 0.5 < stranger_score(0.2, (0.1, 0.1)) < 1


def test_each_fit_has_its_own_temperature_score_and_threshold():
    confidence = Confidence(BOTH)
    exact = confidence.calibrate(output(0.3, 0.7), "exact")
    photo = confidence.calibrate(output(0.3, 0.7), "photo")

    assert exact.probabilities == pytest.approx(softmax(LOGITS / 2)[0], abs=1e-6)
    assert photo.probabilities == pytest.approx(softmax(LOGITS)[0], abs=1e-6)
    assert exact.stranger_score == pytest.approx(0.375)
    assert photo.stranger_score == pytest.approx(0.6875)
    assert (exact.out_of_distribution, photo.out_of_distribution) == (False, True)


def test_raw_probabilities_are_not_calibrated():
    found = Confidence(BOTH).calibrate(output(0.3, 0.7), "exact", raw=True)

    assert (found.probabilities == output()).all()
    assert found.stranger_score == pytest.approx(0.375)


def test_without_facts_the_output_is_not_changed():
    for fit in ("exact", "photo"):
        found = Confidence(None).calibrate(output(), fit)

        assert (found.probabilities == output()).all()
        assert found[1:] == (None, False)


def test_photographs_are_calibrated_as_exact_if_none_were_learned():
    confidence = Confidence(ConfidenceFacts(exact=BOTH.exact))
    exact, photo = (confidence.calibrate(output(1.9), one) for one in ("exact", "photo"))

    assert photo.out_of_distribution
    assert photo[1:] == exact[1:]
    assert (photo.probabilities == exact.probabilities).all()


def test_a_score_of_nan_is_out_of_distribution():
    assert Confidence(BOTH).calibrate(output(np.nan, 0.1), "exact").out_of_distribution


def test_a_likely_class_is_certain_unless_out_of_distribution():
    known, unknown = (
        Confidence(BOTH).calibrate(output(0.3, 0.1), "exact"),
        CalibratedPrediction(output(), 1, True),
    )

    assert [known.is_certain(one) for one in (0.39, 0.4)] == [False, True]
    assert [known.is_certain(0.6, least) for least in (0.6, 0.61)] == [True, False]
    assert not unknown.is_certain(1.0)


def test_a_graph_scores_each_fit_that_has_quantiles():
    calm = ConfidenceFacts(exact=CalibrationFacts(temperature=2), photo=BOTH.photo)

    assert fits_with_ood_score(None) == []
    assert fits_with_ood_score(BOTH) == ["exact", "photo"]
    assert fits_with_ood_score(calm) == ["photo"]
    assert Confidence(calm).calibrate(output(0.7), "photo").out_of_distribution


def test_facts_with_the_names_of_earlier_versions_still_open():
    old = {"genuine": {"temperature": 2.0, "strangers": None}, "photograph": {"temperature": 3.0}}
    photo = CalibrationFacts(temperature=3)

    assert ConfidenceFacts.model_validate(old) == ConfidenceFacts(
        exact=CalibrationFacts(temperature=2), photo=photo
    )
