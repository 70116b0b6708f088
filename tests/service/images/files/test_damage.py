"""Truncated, damaged and unusual files of every supported format."""

import io
import warnings
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import numpy as np
import pytest
from PIL import Image

from service.errors import FashionError, UnreadableImage, UnsupportedMediaType
from service.images.files.decode import open_image, to_grey
from tests.hostile.bombs import chunk
from tests.hostile.files import COLOUR, GREY, encode, orientation, sound_files


def decode(data):
    return to_grey(open_image(data, max_pixels=1_000_000))


def turned(kind):
    """A file whose EXIF block turns the picture."""
    return encode(Image.fromarray(COLOUR), kind, exif=orientation(6))


FILES = sound_files() | {kind: turned(kind) for kind in ("jpeg", "webp", "tiff")}


@pytest.mark.parametrize("name", FILES)
def test_a_truncated_file_is_refused_or_lacks_nothing(name):
    data = FILES[name]
    whole = decode(data)
    for end in range(1, len(data) // 3):
        with pytest.raises((UnreadableImage, UnsupportedMediaType)):
            decode(data[:end])
    for end in range(len(data) // 3, len(data), 1 + len(data) // 400):
        with suppress(UnreadableImage):
            assert np.array_equal(decode(data[:end]), whole)


def test_a_truncated_file_is_refused_with_its_name_and_what_to_do():
    with pytest.raises(UnreadableImage, match=r"JPEG file cannot be decoded.*save it as PNG"):
        decode(FILES["jpeg"][:-100])


@pytest.mark.parametrize("name", ["png", "grey png", "apng", "jpeg", "bmp", "webp", "tiff"])
def test_a_file_that_lacks_its_last_byte_is_refused(name):
    with pytest.raises(UnreadableImage):
        decode(FILES[name][:-1])


@pytest.mark.parametrize("name", FILES)
def test_a_file_with_flipped_bits_is_read_or_refused(name):
    random = np.random.default_rng(len(name))
    outcomes = set()
    for _ in range(300):
        data = bytearray(FILES[name])
        for place in random.integers(0, len(data), 3):
            data[place] ^= 1 << random.integers(8)
        try:
            outcomes.add(decode(bytes(data)).dtype)
        except FashionError as error:
            outcomes.add(type(error))
    assert UnreadableImage in outcomes


def test_pillows_warnings_are_neither_raised_nor_printed():
    data = FILES["grey png"]
    odd = data[:33] + chunk(b"acTL", bytes(8)) + data[33:]
    with pytest.warns(UserWarning, match="Invalid APNG"):
        Image.open(io.BytesIO(odd))
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        assert np.array_equal(decode(odd), GREY)
    assert seen == []


def test_threads_do_not_disturb_each_other():
    def stays_the_same(name):
        whole = decode(FILES[name])
        return all(np.array_equal(decode(FILES[name]), whole) for _ in range(100))

    with ThreadPoolExecutor(len(FILES)) as pool:
        assert all(pool.map(stays_the_same, FILES))
