import os
import threading
from time import sleep

import pytest

from service.litert import open_graph, silence


def test_what_is_no_graph_is_refused():
    with pytest.raises(ValueError, match="valid"):
        open_graph(b"no graph")


def test_nothing_is_printed_in_silence_and_all_after_it(capfd):
    with silence():
        os.write(2, b"greetings")
    os.write(2, b"a warning")

    assert capfd.readouterr().err == "a warning"


def test_after_several_threads_in_silence_all_is_printed(capfd):
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
