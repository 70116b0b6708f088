import asyncio

from benchmarks.bodies import BOUNDARY, form, raw, request, write_requests
from service.api.predict.multipart import cut_form


def test_a_form_is_one_that_the_service_takes():
    body = form("files", [b"one", b"two"])
    parts = asyncio.run(cut_form(body.data, BOUNDARY.encode(), most=2))

    assert [(part.name, part.data) for part in parts] == [("files", b"one"), ("files", b"two")]


def test_a_request_says_how_long_its_body_is():
    head, _, body = request("/predict", raw(b"picture")).partition(b"\r\n\r\n")

    assert body == b"picture"
    assert head.startswith(b"POST /predict HTTP/1.1\r\n")
    assert b"Content-Length: 7" in head.split(b"\r\n")


def test_a_file_of_requests_has_the_length_before_each(tmp_path):
    bodies = [raw(b"first"), raw(b"second\n")]
    file = write_requests(tmp_path / "requests", "/predict", bodies)

    with file.open("rb") as content:
        found = [content.read(int(length)) for length in iter(content.readline, b"")]
    assert found == [request("/predict", body) for body in bodies]
