import pytest

from service.api.predict.request import OptionsReader
from service.errors import Fault, InvalidParameter
from tests.problem import assert_problem
from tests.wire import connect

MIB = 2**20


@pytest.mark.parametrize("kind", ["image/png", "image/*", "application/octet-stream"])
def test_a_raw_body_is_accepted(client, boot, kind):
    answer = client.post("/predict", content=boot, headers={"Content-Type": kind})

    assert answer.json()["class_name"] == "Ankle boot"


def test_a_form_and_a_raw_body_get_the_same_answer(client, boot):
    form = client.post("/predict", files={"file": boot}).json()
    body = client.post("/predict", content=boot, headers={"Content-Type": "image/png"}).json()

    assert form | {"request_id": ""} == body | {"request_id": ""}


@pytest.mark.parametrize(
    ("headers", "status", "slug", "named"),
    [
        ({"Content-Type": "text/plain"}, 415, "unsupported-media-type", "multipart/form-data"),
        (
            {"Content-Type": "application/json"},
            415,
            "unsupported-media-type",
            "multipart/form-data",
        ),
        ({"Content-Type": ""}, 415, "unsupported-media-type", "multipart/form-data"),
        ({"Content-Type": "multipart/form-data"}, 400, "malformed-request", "boundary"),
        (
            {"Content-Type": "image/png", "Content-Encoding": "gzip"},
            *(415, "unsupported-media-type", "gzip"),
        ),
    ],
)
def test_other_content_is_refused_with_the_reason(client, boot, headers, status, slug, named):
    answer = client.post("/predict", content=boot, headers=headers)

    assert named in assert_problem(answer, status, slug)["detail"]


@pytest.mark.parametrize("kind", ["image/png", "multipart/form-data; boundary=x", ""])
def test_an_empty_body_is_refused(client, kind):
    assert_problem(client.post("/predict", headers={"Content-Type": kind}), 400, "empty-body")


def test_a_wrong_field_is_named_and_so_is_the_right_one(client, boot):
    answer = client.post("/predict", files={"image": boot})

    assert assert_problem(answer, 422, "invalid-parameter")["errors"] == [
        {"pointer": "form/image", "detail": "no such field; send pictures in 'file'"},
        {"pointer": "form/file", "detail": "the field is missing"},
    ]


def test_two_files_are_refused_where_one_is_accepted(client, boot):
    answer = client.post("/predict", files=[("file", boot), ("file", boot)])

    assert assert_problem(answer, 422, "invalid-parameter")["errors"] == [
        {"pointer": "form/file", "detail": "2 files; at most 1 are accepted"}
    ]


@pytest.mark.parametrize("size", [16 * MIB + 1, 100 * MIB])
def test_a_body_over_the_limit_is_refused_with_the_limit_and_the_setting(client, size):
    answer = client.post("/predict", files={"file": bytes(size)})

    detail = assert_problem(answer, 413, "body-too-large")["detail"]
    assert "16777216" in detail
    assert "FASHION_MAX_IMAGE_BYTES" in detail


def test_a_chunked_body_is_counted(client):
    chunks = (bytes(MIB) for _ in range(20))
    answer = client.post("/predict", content=chunks, headers={"Content-Type": "image/png"})

    assert_problem(answer, 413, "body-too-large")


def test_a_client_that_expects_100_continue_is_refused_before_it_sends(server):
    head = (
        "POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\n"
        f"Content-Length: {100 * MIB}\r\nExpect: 100-continue\r\n\r\n"
    )
    with connect(server, timeout=10) as connection:
        connection.sendall(head.encode())
        assert connection.recv(1000).startswith(b"HTTP/1.1 413 ")


def test_a_batch_must_be_a_form(client, boot):
    answer = client.post("/predict/batch", content=boot, headers={"Content-Type": "image/png"})

    assert "'files'" in assert_problem(answer, 415, "unsupported-media-type")["detail"]


def test_a_batch_of_too_many_files_is_refused(client):
    answer = client.post("/predict/batch", files=[("files", b"x")] * 1025)

    detail = assert_problem(answer, 422, "invalid-parameter")["detail"]
    assert detail == "form/files: 1025 files; at most 1024 are accepted"


@pytest.fixture
def read():
    """Read the options in a query; the service's `min_confidence` is 0.6."""
    reader = OptionsReader(min_confidence=0.6)
    return lambda query: reader.read({"query_string": query.encode()})


@pytest.mark.parametrize(
    ("query", "values"),
    [
        ("", (None, "auto", 0.6, False, False)),
        ("top_k=3&fit=exact&min_confidence=0.9&raw=true&preview=1", (3, "exact", 0.9, True, True)),
    ],
)
def test_a_query_overrides_the_defaults(read, query, values):
    options = read(query)
    found = (options.top_k, options.fit, options.min_confidence, options.raw, options.preview)

    assert found == values


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("top_k=0", "query/top_k"),
        ("top_k=11", "query/top_k"),
        ("top_k=", "query/top_k"),
        ("top_k=three", "query/top_k"),
        ("min_confidence=nan", "query/min_confidence"),
        ("min_confidence=1.1", "query/min_confidence"),
        ("fit=stretch", "query/fit"),
        ("raw=maybe", "query/raw"),
        ("topk=3", "query/topk"),
        ("top_k=3&top_k=4", "query/top_k"),
        ("%ff=1", "query/�"),
    ],
)
def test_a_wrong_parameter_is_refused_by_name(read, query, pointer):
    with pytest.raises(InvalidParameter) as refusal:
        read(query)

    assert refusal.value.faults[0].pointer == pointer


def test_all_wrong_parameters_are_named_at_once(read):
    with pytest.raises(InvalidParameter) as refusal:
        read("top_k=0&fit=stretch")

    assert [type(fault) for fault in refusal.value.faults] == [Fault, Fault]
