import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from training.confidence.synthetic_strangers import KINDS, draw_exact
from training.evaluation.evaluate import ServedModel
from training.evaluation.on_photographs import DRAWN, evaluate_on_photographs


@pytest.fixture(scope="module")
def model(shipped_model):
    return ServedModel(shipped_model)


@pytest.fixture(scope="module")
def exact(model, real_pixels):
    return model.predict(real_pixels, "exact")


@pytest.fixture(scope="module")
def evaluation(model, photographs, exact):
    return evaluate_on_photographs(model, photographs, exact)


def test_every_folder_of_clothes_has_its_shares(evaluation, photographs):
    predictions = evaluation.predictions

    assert list(evaluation.folders) == ["bag", "coat", "all"]
    for label, index in (("bag", 8), ("coat", 4)):
        probabilities = predictions.probabilities[photographs.labelled(label)]
        score = evaluation.folders[label]
        assert score.pictures == len(probabilities)
        assert score.first == pytest.approx(np.mean(probabilities.argmax(axis=1) == index))
        above = (probabilities > probabilities[:, [index]]).sum(axis=1)
        assert score.among_three == pytest.approx(np.mean(above < 3))
        assert score.certain == pytest.approx(
            predictions.certain[photographs.labelled(label)].mean()
        )
    assert evaluation.folders["all"].pictures == 17


def test_pictures_of_no_class_are_compared_with_known_ones_of_the_same_kind(
    evaluation, model, exact
):
    noise = model.predict(draw_exact(DRAWN, 1)["noise"], "exact")
    truth = [True] * DRAWN + [False] * len(exact.certain)
    scores = [*noise.stranger_scores, *exact.stranger_scores]
    score = evaluation.out_of_distribution["noise, 28×28"]

    assert score.auroc == pytest.approx(roc_auc_score(truth, scores))
    assert score.flagged == pytest.approx(1 - noise.certain.mean())
    assert evaluation.exact_certain == pytest.approx(exact.certain.mean())


def test_every_kind_of_out_of_distribution_picture_is_measured(evaluation):
    photographed = [f"{kind}, photographed" for kind in KINDS]

    assert list(evaluation.out_of_distribution) == [
        "hat",
        *photographed,
        *(f"{kind}, 28×28" for kind in KINDS),
    ]


def test_table_and_json_say_the_same(evaluation):
    table, document = evaluation.as_table(), evaluation.as_json()

    for names in (document["folders"], document["strangers"]):
        for name, numbers in names.items():
            (line,) = [line for line in table.splitlines() if line.startswith(f"{name}  ")]
            assert f"{numbers['pictures']:>10}" in line
    assert "notes.txt" in table
