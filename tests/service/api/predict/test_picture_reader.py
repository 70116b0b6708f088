import asyncio
import threading
from time import perf_counter

import numpy as np
import pytest

from service.api.predict.picture_reader import PictureReader
from service.config.settings import Settings
from service.errors import Overloaded, UnsupportedMediaType
from service.images.read import LARGE, read_picture


@pytest.fixture
def threads(monkeypatch):
    """The threads in which pictures are read."""
    seen = []

    def read(*arguments, **options):
        seen.append(threading.current_thread())
        return read_picture(*arguments, **options)

    monkeypatch.setattr("service.api.predict.picture_reader.read_picture", read)
    return seen


def read_eight(data, fit):
    async def read_some():
        reader = PictureReader(Settings())
        return await asyncio.gather(*(reader.read(data, fit) for _ in range(8)))

    return asyncio.run(read_some())


@pytest.mark.parametrize(
    ("side", "fit", "more"),
    [(29, "auto", 0), (200, "auto", 0), (28, "photo", 0), (28, "auto", LARGE)],
)
def test_photographs_and_large_files_are_read_in_one_thread(png, threads, side, fit, more):
    data = png(np.full((side, side), 200, np.uint8), "JPEG") + bytes(more)
    pictures = read_eight(data, fit)

    assert len({picture.pixels.tobytes() for picture in pictures}) == 1
    assert len(threads) == 8
    assert threading.main_thread() not in threads
    assert len(set(threads)) == 1


def test_small_files_of_28x28_pixels_are_read_at_once(png, threads):
    read_eight(png(np.full((28, 28, 3), 200, np.uint8)), "auto")

    assert set(threads) == {threading.main_thread()}


def test_a_file_that_is_no_picture_is_refused_at_any_size():
    for size in (10, LARGE + 1):
        with pytest.raises(UnsupportedMediaType):
            asyncio.run(PictureReader(Settings()).read(b"x" * size, "auto"))


def test_a_file_is_not_read_after_its_batchs_time(boot):
    reader = PictureReader(Settings(batch_seconds=5))
    asyncio.run(reader.read_of_batch(boot, "auto", perf_counter()))

    with pytest.raises(Overloaded, match=r"5 s were over.*FASHION_BATCH_SECONDS"):
        asyncio.run(reader.read_of_batch(boot, "auto", perf_counter() - 6))
