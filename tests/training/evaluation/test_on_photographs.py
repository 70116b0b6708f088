import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from training.confidence.synthetic_strangers import KINDS, genuine_strangers
from training.evaluation.on_photographs import DRAWN, appraise
from training.evaluation.served_answers import Judge


@pytest.fixture(scope="module")
def appraisal(shipped_model, album, real_pixels):
    return appraise(shipped_model, album, real_pixels)


def test_every_folder_of_clothes_has_its_shares(appraisal):
    verdicts, album = appraisal.verdicts, appraisal.album

    assert list(appraisal.folders) == ["bag", "coat", "all"]
    for label, index in (("bag", 8), ("coat", 4)):
        found = verdicts.probabilities[album.labelled(label)]
        shares = appraisal.folders[label]
        assert shares.pictures == len(found)
        assert shares.first == pytest.approx(np.mean(found.argmax(axis=1) == index))
        above = (found > found[:, [index]]).sum(axis=1)
        assert shares.among_three == pytest.approx(np.mean(above < 3))
        assert shares.certain == pytest.approx(verdicts.certain[album.labelled(label)].mean())
    assert appraisal.folders["all"].pictures == 17


def test_strangers_are_told_from_what_came_the_same_way(appraisal, shipped_model, real_pixels):
    judge = Judge(shipped_model)
    known = judge.answer(real_pixels, "exact")
    noise = judge.answer(genuine_strangers(DRAWN, 1)["noise"], "exact")
    truth = [True] * DRAWN + [False] * len(real_pixels)
    told = appraisal.strangers["noise, 28×28"]

    assert told.auroc == pytest.approx(roc_auc_score(truth, [*noise.scores, *known.scores]))
    assert told.flagged == pytest.approx(1 - noise.certain.mean())
    assert appraisal.genuine_certain == pytest.approx(known.certain.mean())


def test_every_kind_of_stranger_is_named_by_its_way(appraisal):
    photographed = [f"{kind}, photographed" for kind in KINDS]

    assert list(appraisal.strangers) == [
        "hat",
        *photographed,
        *(f"{kind}, 28×28" for kind in KINDS),
    ]


def test_table_and_json_say_the_same(appraisal):
    table, document = appraisal.as_table(), appraisal.as_json()

    for names in (document["folders"], document["strangers"]):
        for name, numbers in names.items():
            (line,) = [line for line in table.splitlines() if line.startswith(f"{name}  ")]
            assert f"{numbers['pictures']:>10}" in line
    assert "notes.txt" in table
