import io

import numpy as np
from PIL import Image

from benchmarks import pictures


def test_the_pictures_are_the_data_sets_own(monkeypatch, real_pixels):
    monkeypatch.delenv("FASHION_DATA_DIR", raising=False)

    assert np.array_equal(pictures.test_pixels(), real_pixels)


def test_a_png_keeps_every_pixel(real_pixels):
    image = Image.open(io.BytesIO(pictures.to_png(real_pixels[0])))

    assert image.format == "PNG"
    assert np.array_equal(np.asarray(image), real_pixels[0])
