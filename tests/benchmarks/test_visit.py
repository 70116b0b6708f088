import numpy as np
import pytest

from benchmarks.kit import Kit
from benchmarks.servers import running, service
from benchmarks.visit import answers
from service.fashion_mnist import to_rows
from service.model.classifier import Classifier


@pytest.fixture
def kit(monkeypatch, tmp_path, dropout_model):
    monkeypatch.delenv("FASHION_DATA_DIR", raising=False)
    return Kit.make(dropout_model, tmp_path / "kit")


def test_the_answers_of_the_service_are_the_engines(kit, dropout, real_pixels):
    with running(service(), kit.model, kit.first(service()), kit.folder) as live:
        found = answers(live, kit)

    expected = Classifier(dropout.graph).probabilities(to_rows(real_pixels[: len(found)]))
    assert np.abs(found - expected).max() < 1e-6
