import asyncio

import pytest

from service.api.predict import multipart
from service.errors import MalformedRequest

BOUNDARY = b"x1"


def cut_form(body, boundary, most=3):
    return asyncio.run(multipart.cut_form(body, boundary, most))


def part(name, data, filename="a.png"):
    return (
        b"--x1\r\nContent-Disposition: form-data; name="
        + f'"{name}"; '.encode()
        + f'filename="{filename}"\r\nContent-Type: image/png\r\n\r\n'.encode()
        + data
        + b"\r\n"
    )


GOOD = part("file", b"first") + b"--x1--\r\n"


def test_a_form_gives_its_parts_in_order():
    data = bytes(range(256)) + b"\r\n--x\r\n--x1 \r\n"[:-4]
    parts = cut_form(part("files", data) + part("files", b"", "한글.png") + b"--x1--\r\n", BOUNDARY)

    assert [(p.name, p.filename, p.data) for p in parts] == [
        ("files", "a.png", data),
        ("files", "한글.png", b""),
    ]


def test_an_ordinary_field_has_no_filename():
    body = b'--x1\r\nContent-Disposition: form-data; name="top_k"\r\n\r\n3\r\n--x1--\r\n'

    assert cut_form(body, BOUNDARY)[0].filename is None


@pytest.mark.parametrize("end", range(1, len(GOOD) - 2))
def test_a_form_cut_short_anywhere_is_refused(end):
    with pytest.raises(MalformedRequest):
        cut_form(GOOD[:end], BOUNDARY)


@pytest.mark.parametrize(
    "body",
    [
        b"hello",
        GOOD.replace(b"--x1", b"--y1"),
        GOOD.replace(b"\r\n", b"\n"),
        GOOD.replace(b'name="file"; ', b""),
        GOOD.replace(b"Content-Disposition", b"Content-Other"),
        GOOD.replace(b"form-data", b"attachment"),
        part("file", b"x", "y" * 100_000) + b"--x1--\r\n",
    ],
)
def test_a_malformed_form_is_refused(body):
    with pytest.raises(MalformedRequest, match="form"):
        cut_form(body, BOUNDARY)


def test_a_boundary_that_is_too_long_is_refused():
    with pytest.raises(MalformedRequest, match="exceeds"):
        cut_form(GOOD, b"x" * 300)


def test_a_form_longer_than_a_slice_gives_the_same_parts():
    data = b"\r\n--x" * 100_000
    (found,) = cut_form(part("file", data) + b"--x1--\r\n", BOUNDARY)

    assert found.data == data


@pytest.mark.parametrize(
    ("disposition", "name", "filename"),
    [
        ('form-data; name="a"; filename="b.png"', "a", "b.png"),
        ("form-data; name=a; filename=b.png", "a", "b.png"),
        ('form-data;name="a";filename="b \\"c\\".png"', "a", 'b "c".png'),
        ('form-data; filename="b.png"; name="a"', "a", "b.png"),
        ('FORM-DATA; NAME="a"', "a", None),
    ],
)
def test_names_are_read_however_a_client_writes_them(disposition, name, filename):
    body = f"--x1\r\nContent-Disposition: {disposition}\r\n\r\nabc\r\n--x1--\r\n".encode()

    assert cut_form(body, BOUNDARY) == [multipart.Part(name, filename, b"abc")]


def test_a_form_with_far_too_many_parts_is_refused():
    with pytest.raises(MalformedRequest, match="more than 19 parts"):
        cut_form(part("file", b"x") * 50 + b"--x1--\r\n", BOUNDARY)
