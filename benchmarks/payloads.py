"""The requests that servers get: test pictures of Fashion-MNIST as PNG files, alone or in forms."""

import gzip
import io
import os
from pathlib import Path
from typing import Final

import httpx
import numpy as np
from PIL import Image

from service.fashion_mnist import SIDE, Pixels

ROOT: Final = Path(__file__).parent.parent
SAMPLE: Final = ROOT / "tests" / "data" / "fashion-mnist-sample"
HEADER: Final = 16
"""Bytes before the first pixel of an IDX file of images."""


def read_pixels() -> Pixels:
    """Return uint8[n, 28, 28]: 10,000 pictures if `FASHION_DATA_DIR` is set, else 1,000."""
    folder = Path(os.environ.get("FASHION_DATA_DIR") or SAMPLE)
    content = gzip.decompress((folder / "t10k-images-idx3-ubyte.gz").read_bytes())
    return np.frombuffer(content, np.uint8, offset=HEADER).reshape(-1, SIDE, SIDE)


def to_png(pixels: Pixels) -> bytes:
    """Return a picture uint8[28, 28] as a PNG file."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def raw(url: str, picture: bytes) -> httpx.Request:
    """Return a request whose body is a PNG file."""
    return httpx.Request("POST", url, content=picture, headers={"Content-Type": "image/png"})


def form(url: str, field: str, *pictures: bytes) -> httpx.Request:
    """Return a form with PNG files, all in the same field."""
    files = [(field, ("picture.png", picture, "image/png")) for picture in pictures]
    return httpx.Request("POST", url, files=files)


def to_bytes(request: httpx.Request) -> bytes:
    """Return an HTTP/1.1 request as it goes over the wire."""
    lines = [f"{request.method} {request.url.path} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in request.headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + request.read()
