import os

import pytest

from service.engine import open_graph, silence


def test_what_is_no_graph_is_refused():
    with pytest.raises(ValueError, match="valid"):
        open_graph(b"no graph")


def test_nothing_is_printed_in_silence_and_all_after_it(capfd):
    with silence():
        os.write(2, b"greetings")
    os.write(2, b"a warning")

    assert capfd.readouterr().err == "a warning"
