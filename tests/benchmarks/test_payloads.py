import asyncio
import io

import numpy as np
from PIL import Image

from benchmarks.payloads import form, raw, read_pixels, to_bytes, to_png
from service.api.predict.multipart import cut_form

URL = "http://127.0.0.1/predict"


def test_the_pictures_are_those_of_the_data_set(monkeypatch, real_pixels):
    monkeypatch.delenv("FASHION_DATA_DIR", raising=False)

    assert np.array_equal(read_pixels(), real_pixels)


def test_a_png_keeps_every_pixel(real_pixels):
    image = Image.open(io.BytesIO(to_png(real_pixels[0])))

    assert image.format == "PNG"
    assert np.array_equal(np.asarray(image), real_pixels[0])


def test_the_service_reads_a_form():
    request = form(URL, "files", b"one", b"two")
    boundary = request.headers["Content-Type"].partition("boundary=")[2]
    parts = asyncio.run(cut_form(request.read(), boundary.encode(), most=2))

    assert [(part.name, part.data) for part in parts] == [("files", b"one"), ("files", b"two")]


def test_a_request_on_the_wire_declares_the_length_of_its_body():
    head, _, body = to_bytes(raw(URL, b"picture")).partition(b"\r\n\r\n")

    assert body == b"picture"
    assert head.startswith(b"POST /predict HTTP/1.1\r\n")
    assert b"content-length: 7" in head.lower().split(b"\r\n")
