import numpy as np
import pytest

from service.errors import ModelRefused
from service.images.read import read_picture
from training.evaluation.served_answers import Judge
from training.predict import evened


@pytest.fixture(scope="module")
def judge(shipped_model):
    return Judge(shipped_model)


def test_a_judge_says_what_the_service_says(judge, client, png, real_pixels):
    verdicts = judge.answer(real_pixels[:40], "exact")

    for place, pixels in enumerate(real_pixels[:40]):
        answer = client.post("/predict", files={"file": png(pixels)}).json()
        told = [one["probability"] for one in answer["probabilities"]]
        assert verdicts.probabilities[place].tolist() == pytest.approx(told, abs=1e-6)
        assert verdicts.certain[place] == (answer["decision"] == "certain")
        assert verdicts.scores[place] == pytest.approx(answer.get("stranger_score", 0), abs=1e-5)


def test_a_judge_says_of_a_photograph_what_the_service_says(judge, client, png, real_pixels):
    carpet = np.random.default_rng(1).integers(150, 220, (168, 168), np.uint8)
    large = [np.kron(one, np.ones((6, 6), np.uint8)) for one in real_pixels[:5]]
    photographs = [png(np.where(one > 0, 255 - one, carpet)) for one in large]
    asked = [read_picture(one, "photo", max_pixels=10**6).asked for one in photographs]

    verdicts = judge.answer(np.stack([evened(one) for one in asked]), "photo")

    assert {len(one) for one in asked} == {4}
    for place, photograph in enumerate(photographs):
        answer = client.post("/predict", files={"file": photograph}).json()
        told = [one["probability"] for one in answer["probabilities"]]
        assert verdicts.probabilities[place].tolist() == pytest.approx(told, abs=1e-6)
        assert verdicts.scores[place] == pytest.approx(answer["stranger_score"], abs=1e-5)


def test_some_of_the_verdicts_can_be_chosen(judge, real_pixels):
    verdicts = judge.answer(real_pixels[:3], "exact")
    chosen = verdicts.chosen(np.array([False, True, True]))

    assert [len(one) for one in chosen] == [2, 2, 2]
    assert np.array_equal(chosen.probabilities, verdicts.probabilities[1:])


def test_a_file_that_may_not_serve_is_refused(tmp_path):
    (tmp_path / "model.h5").write_bytes(b"no model")

    with pytest.raises(ModelRefused):
        Judge(tmp_path / "model.h5")
