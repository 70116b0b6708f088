import numpy as np
import pytest

from benchmarks import pictures
from service.fashion_mnist import to_rows


def test_a_reference_reads_a_picture_as_the_service_does(real_pixels):
    from benchmarks.references.network import to_row

    found = to_row(pictures.to_png(real_pixels[0]))

    assert np.array_equal(found, to_rows(real_pixels[0])[0])


def test_a_reference_computes_what_the_service_computes(
    monkeypatch, shipped_model, examined, real_pixels
):
    from benchmarks.references.network import answer, load_fast
    from service.model.classifier import Classifier

    monkeypatch.setenv("MODEL", str(shipped_model))
    rows = to_rows(real_pixels[:5])
    found = load_fast()(rows)

    assert found == pytest.approx(Classifier(examined.graph).probabilities(rows), abs=1e-5)
    assert answer(found[0])["class_index"] == found[0].argmax()
