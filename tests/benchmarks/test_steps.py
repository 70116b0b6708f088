from benchmarks import pictures
from benchmarks.steps import picture_steps
from service.settings import Settings


def test_the_steps_of_a_picture_are_timed_in_their_order(examined, real_pixels):
    files = [pictures.to_png(one) for one in real_pixels[:4]]
    found = list(picture_steps(files, examined, Settings()))

    assert [title for title, _, _ in found] == ["decode", "to_rows", "build the answer", "orjson"]
    assert all(microseconds > 0 for _, microseconds, _ in found)
