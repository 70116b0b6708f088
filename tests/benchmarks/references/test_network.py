import numpy as np
import pytest

from benchmarks.payloads import to_png
from service.fashion_mnist import to_rows


def test_a_reference_reads_and_answers_a_picture_as_the_service_does(
    monkeypatch, shipped_model, examined, real_pixels
):
    from benchmarks.references.network import answer, load_fast, to_row
    from service.model.classifier import Classifier

    monkeypatch.setenv("MODEL", str(shipped_model))
    rows = np.stack([to_row(to_png(one)) for one in real_pixels[:5]])
    found = load_fast()(rows)

    assert np.array_equal(rows, to_rows(real_pixels[:5]))
    assert found == pytest.approx(Classifier(examined.graph).probabilities(rows), abs=1e-5)
    assert answer(found[0])["class_index"] == found[0].argmax()
