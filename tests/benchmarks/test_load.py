import pytest

from benchmarks.load import LoadFailed, Shape, parse, write_requests
from benchmarks.servers import CEILING, REFERENCES, service

OUTPUT = """Running 2s test @ http://127.0.0.1:8000
  1 threads and 64 connections
RESULT {"answered":100,"seconds":2.0,"p50_ms":4.0,"p99_ms":10.0,"errors":1}
"""


def test_a_run_is_read_from_the_output_of_wrk_and_the_clocks():
    load = parse(OUTPUT, Shape("batch", connections=2, pictures=256), [2.0, 3.0, 1.8, 0.4])

    assert load.rate == 12_800
    assert load.tail == 2.5
    assert load.errors == 1
    assert load.other_cpu == pytest.approx(0.4)


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        ("unable to connect", "unable to connect"),
        (OUTPUT.replace('"answered":100', '"answered":0'), "no request was answered in 2 s"),
    ],
)
def test_a_run_without_answers_is_refused_with_the_reason(output, reason):
    with pytest.raises(LoadFailed, match=reason):
        parse(output, Shape("form", 64), [1.0, 0, 0, 0])


def requests(file):
    """Return the requests in a file for wrk."""
    with file.open("rb") as content:
        return [content.read(int(length)) for length in iter(content.readline, b"")]


@pytest.mark.parametrize("size", [1, 256, 1500])
def test_a_batch_is_full_even_if_the_sample_is_smaller(monkeypatch, tmp_path, size):
    monkeypatch.delenv("FASHION_DATA_DIR", raising=False)
    made = requests(write_requests(service(), Shape("batch", 2, size), tmp_path))

    assert len(made) == max(1, 1000 // size)
    assert {request.count(b'name="files"') for request in made} == {size}


@pytest.mark.parametrize(
    ("server", "kind", "expected"),
    [
        (REFERENCES["bentoml"], "form", b'name="images"'),
        (CEILING, "raw", b"POST /raw HTTP/1.1\r\n"),
        (service(), "raw", b"POST /predict HTTP/1.1\r\n"),
    ],
)
def test_a_server_gets_requests_in_its_own_form(monkeypatch, tmp_path, server, kind, expected):
    monkeypatch.delenv("FASHION_DATA_DIR", raising=False)

    assert expected in requests(write_requests(server, Shape(kind, 64), tmp_path))[0]
