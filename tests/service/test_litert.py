import os
import threading
from time import sleep

import pytest

from service.litert import open_graph, silence


def test_bytes_that_are_not_a_graph_are_refused():
    with pytest.raises(ValueError, match="valid"):
        open_graph(b"no graph")


def test_silence_discards_stderr_only_while_it_lasts(capfd):
    with silence():
        os.write(2, b"greetings")
    os.write(2, b"a warning")

    assert capfd.readouterr().err == "a warning"


def test_overlapping_silences_restore_stderr(capfd):
    def wait(seconds):
        with silence():
            sleep(seconds)

    threads = [threading.Thread(target=wait, args=(one / 100,)) for one in (3, 5, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    os.write(2, b"a warning")

    assert capfd.readouterr().err == "a warning"
