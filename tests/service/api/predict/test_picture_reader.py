import asyncio
import threading
from time import perf_counter

import numpy as np
import pytest

from service.api.predict.picture_reader import LARGE, PictureReader
from service.config.settings import Settings
from service.errors import Overloaded, UnsupportedMediaType
from service.images.read import read_picture, take_picture


@pytest.fixture
def boot(png, real_pixels):
    return png(real_pixels[0])


def test_a_picture_is_what_the_images_wing_reads(boot, real_pixels):
    picture = asyncio.run(PictureReader(Settings()).read(boot, "auto"))

    assert (picture.pixels == real_pixels[0]).all()


@pytest.fixture
def watched(monkeypatch):
    """Note in which threads pictures are decoded, and how many at once."""
    inside, threads, most = [0], [], [0]

    def watch(name, read):
        def reading(*given, **named):
            inside[0] += 1
            most[0] = max(most[0], inside[0])
            threads.append(threading.current_thread())
            try:
                return read(*given, **named)
            finally:
                inside[0] -= 1

        monkeypatch.setattr(f"service.api.predict.picture_reader.{name}", reading)

    watch("read_picture", read_picture)
    watch("take_picture", take_picture)
    return threads, most


def read_eight(data, fit):
    async def read_some():
        reader = PictureReader(Settings())
        return await asyncio.gather(*(reader.read(data, fit) for _ in range(8)))

    return asyncio.run(read_some())


def test_a_large_file_is_read_beside_the_event_loop_one_at_a_time(boot, watched):
    pictures = read_eight(boot + bytes(LARGE), "auto")

    threads, most = watched
    assert len({picture.pixels.tobytes() for picture in pictures}) == 1
    assert most == [1]
    assert threading.main_thread() not in threads


@pytest.mark.parametrize(("side", "fit"), [(29, "auto"), (200, "auto"), (28, "photo")])
def test_a_photograph_however_small_is_read_beside_the_event_loop(png, watched, side, fit):
    read_eight(png(np.full((side, side), 200, np.uint8), "JPEG"), fit)

    threads, most = watched
    assert len(threads) == 8
    assert most == [1]
    assert threading.main_thread() not in threads


def test_a_small_file_of_the_right_size_waits_for_no_photograph(png, watched):
    read_eight(png(np.full((28, 28, 3), 200, np.uint8)), "auto")

    threads, _ = watched
    assert set(threads) == {threading.main_thread()}


def test_a_file_that_is_no_picture_is_refused_either_way():
    for size in (10, LARGE + 1):
        with pytest.raises(UnsupportedMediaType):
            asyncio.run(PictureReader(Settings()).read(b"x" * size, "auto"))


def test_after_the_time_of_its_batch_a_file_is_not_read(boot):
    reader = PictureReader(Settings(batch_seconds=5))
    asyncio.run(reader.read_of_batch(boot, "auto", perf_counter()))

    with pytest.raises(Overloaded, match=r"5 s were over.*FASHION_BATCH_SECONDS"):
        asyncio.run(reader.read_of_batch(boot, "auto", perf_counter() - 6))
