import os
from concurrent.futures import ThreadPoolExecutor
from time import sleep

from service.litert import silence


def test_silence_discards_stderr_only_while_it_lasts(capfd):
    with silence():
        os.write(2, b"greetings")
    os.write(2, b"a warning")

    assert capfd.readouterr().err == "a warning"


def test_overlapping_silences_restore_stderr(capfd):
    def wait(seconds):
        with silence():
            sleep(seconds)

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(wait, (0.03, 0.05, 0.01)))
    os.write(2, b"a warning")

    assert capfd.readouterr().err == "a warning"
