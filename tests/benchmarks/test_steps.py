from benchmarks import pictures
from benchmarks.steps import engine_calls, picture_steps
from service.config.settings import Settings


def test_the_steps_of_a_picture_are_timed_in_their_order(examined, real_pixels):
    files = [pictures.to_png(one) for one in real_pixels[:4]]
    found = list(picture_steps(files, examined, Settings()))

    assert [title for title, _, _ in found] == ["decode", "to_rows", "build the answer", "orjson"]
    assert all(microseconds > 0 for _, microseconds, _ in found)


def test_a_call_of_the_engine_is_timed_for_batches_of_each_size(examined):
    found = list(engine_calls("the engine", examined, (1, 1024)))

    titles, times, sizes = zip(*found, strict=True)
    assert titles == ("the engine, batch of 1", "the engine, batch of 1,024")
    assert sizes == (1, 1024)
    assert times[1] > times[0] > 0
