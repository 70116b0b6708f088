import asyncio
import threading
from time import perf_counter

import pytest

from service.api.reading import LARGE, PictureReader
from service.errors import Overloaded, UnsupportedMediaType
from service.images.exact import read_exact
from service.settings import Settings


@pytest.fixture
def boot(png, real_pixels):
    return png(real_pixels[0])


def test_a_picture_is_what_the_images_wing_reads(boot, real_pixels):
    picture = asyncio.run(PictureReader(Settings()).read(boot))

    assert (picture.pixels == real_pixels[0]).all()


def test_a_large_file_is_read_beside_the_event_loop_one_at_a_time(boot, monkeypatch):
    inside, threads, most = [0], set(), [0]

    def watched(data, *, max_pixels):
        inside[0] += 1
        most[0] = max(most[0], inside[0])
        threads.add(threading.current_thread())
        try:
            return read_exact(data, max_pixels=max_pixels)
        finally:
            inside[0] -= 1

    monkeypatch.setattr("service.api.reading.read_exact", watched)

    async def read_some():
        reader = PictureReader(Settings())
        return await asyncio.gather(*(reader.read(boot + bytes(LARGE)) for _ in range(8)))

    pictures = asyncio.run(read_some())

    assert len({picture.pixels.tobytes() for picture in pictures}) == 1
    assert most == [1]
    assert threading.main_thread() not in threads


def test_a_file_that_is_no_picture_is_refused_either_way():
    for size in (10, LARGE + 1):
        with pytest.raises(UnsupportedMediaType):
            asyncio.run(PictureReader(Settings()).read(b"x" * size))


def test_after_the_time_of_its_batch_a_file_is_not_read(boot):
    reader = PictureReader(Settings(batch_seconds=5))
    asyncio.run(reader.read_of_batch(boot, perf_counter()))

    with pytest.raises(Overloaded, match=r"5 s were over.*FASHION_BATCH_SECONDS"):
        asyncio.run(reader.read_of_batch(boot, perf_counter() - 6))
