from benchmarks.payloads import form, raw, to_png
from benchmarks.steps import URL, engine_calls, picture_steps, upload_steps, whole_calls
from service.config.settings import Settings


def test_every_step_is_timed_in_order(examined, real_pixels):
    settings = Settings(access_log=False)
    files = [to_png(one) for one in real_pixels[:4]]
    bodies = {"raw": [raw(URL, file) for file in files], "form": [form(URL, "file", files[0])]}
    timed = [
        *upload_steps(bodies, settings),
        *picture_steps(files, examined, settings),
        *engine_calls("the engine", examined, (1, 512)),
        *whole_calls(bodies, examined, settings),
    ]

    titles, microseconds = zip(*timed, strict=True)
    assert titles == (
        "read the upload, raw",
        "read the upload, form",
        "decode",
        "to_rows",
        "build the answer",
        "orjson",
        "the engine, batch of 1",
        "the engine, batch of 512",
        "the whole call, raw, 1 at once",
        "the whole call, raw, 64 at once",
        "the whole call, form, 1 at once",
        "the whole call, form, 64 at once",
    )
    assert min(microseconds) > 0
    assert microseconds[7] > microseconds[6]
