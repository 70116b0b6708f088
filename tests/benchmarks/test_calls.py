import asyncio

import pytest

from benchmarks import bodies, pictures
from benchmarks.calls import App
from service.config.settings import Settings


@pytest.fixture
def app(examined):
    return App(Settings(access_log=False), examined)


@pytest.mark.parametrize("together", [1, 8])
def test_the_app_answers_without_a_socket(app, real_pixels, together):
    files = [pictures.to_png(one) for one in real_pixels[:8]]

    asyncio.run(app.turns([bodies.form("file", [file]) for file in files], together)(2))


def test_an_answer_that_is_no_answer_is_told(app):
    with pytest.raises(RuntimeError, match="415"):
        asyncio.run(app.turns([bodies.raw(b"no picture")], 1)(1))
