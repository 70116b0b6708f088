import pytest

from benchmarks.kit import Kit
from benchmarks.servers import REFERENCES, service


@pytest.fixture
def kit(monkeypatch, tmp_path, shipped_model):
    monkeypatch.delenv("FASHION_DATA_DIR", raising=False)
    return Kit.make(shipped_model, tmp_path / "kit")


def test_the_service_is_loaded_in_all_ways_and_a_reference_with_forms(kit):
    names = {
        name: [shape.name for shape in kit.shapes(server)]
        for name, server in (
            ("own", service()),
            ("two", service(2)),
            ("ceiling", REFERENCES["ceiling"]),
            ("other", REFERENCES["bentoml"]),
        )
    }

    assert names["own"] == ["form", "raw", "alone", "raw-alone", "batch"]
    assert names["two"] == ["form", "raw"]
    assert names["ceiling"] == ["form", "raw", "alone"]
    assert names["other"] == ["form"]


@pytest.mark.parametrize("size", [1, 256, 1500])
def test_a_batch_has_so_many_pictures_even_where_the_sample_has_fewer(kit, size):
    shape = kit.batch("batch", 2, size)
    with shape.requests.open("rb") as file:
        first = file.read(int(file.readline()))

    assert shape.pictures == size
    assert first.count(b'name="files"') == size


def test_every_server_gets_its_own_field(kit):
    shape = kit.form("form", 64, REFERENCES["bentoml"].field)

    assert b'name="images"' in shape.requests.read_bytes()
