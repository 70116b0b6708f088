import pytest

from benchmarks.__main__ import chosen
from benchmarks.payloads import to_png
from benchmarks.servers import CEILING, PEERS, DidNotStart, Server, running


def test_a_server_runs_inside_a_with_block(tmp_path, shipped_model, real_pixels):
    with running(CEILING, shipped_model, tmp_path) as live:
        answer = live.predict(to_png(real_pixels[0]))
        processes = live.tree()
        used, memory = live.cpu_seconds(), live.memory_mib()

    assert len(answer["probabilities"]) == 10
    assert live.launch_seconds > 0
    assert live.answered == 2
    assert used > 0
    assert 10 < memory < 200
    assert not any(process.is_running() for process in processes)


def test_a_server_that_exits_is_reported_with_its_output(tmp_path, shipped_model):
    broken = Server("broken", ("sh", "-c", "echo no luck; exit 1"))

    with (
        pytest.raises(DidNotStart, match="no luck"),
        running(broken, shipped_model, tmp_path),
    ):
        pass


def test_references_are_chosen_by_name():
    assert chosen("tutorial,ceiling") == [PEERS[0], CEILING]
    assert chosen("") == []


def test_an_unknown_reference_is_an_error_that_lists_all():
    with pytest.raises(DidNotStart, match=r"no reference 'other': there are ceiling"):
        chosen("ceiling,other")
