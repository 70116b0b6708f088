"""The pictures that every server gets: the test part of Fashion-MNIST as PNG files."""

import gzip
import io
import os
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from service.fashion_mnist import SIDE, Pixels

SAMPLE: Final = Path(__file__).parent.parent / "tests" / "data" / "fashion-mnist-sample"
NAME: Final = "t10k-images-idx3-ubyte.gz"
HEADER: Final = 16


def test_pixels() -> Pixels:
    """Return uint8[n, 28, 28]: 10,000 pictures where `FASHION_DATA_DIR` is set, else 1,000."""
    folder = Path(os.environ.get("FASHION_DATA_DIR") or SAMPLE)
    content = gzip.decompress((folder / NAME).read_bytes())
    return np.frombuffer(content, np.uint8, offset=HEADER).reshape(-1, SIDE, SIDE)


def to_png(pixels: Pixels) -> bytes:
    """Return one picture uint8[28, 28] as a PNG file, as Pillow writes it."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()
