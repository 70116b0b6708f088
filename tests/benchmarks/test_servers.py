import pytest

from benchmarks import bodies, processes
from benchmarks.servers import REFERENCES, DidNotStart, Server, running, service


def test_a_server_runs_for_the_length_of_a_with(tmp_path, shipped_model):
    first = bodies.form("file", [b"any"])
    with running(REFERENCES["ceiling"], shipped_model, first, tmp_path) as live:
        members = processes.tree(live.pid)
        answer = live.post("/predict", first)

    assert len(answer["probabilities"]) == 10
    assert live.launch_seconds > 0
    assert live.answered == 2
    assert not [member for member in members if processes.lives(member)]


def test_a_server_that_ends_at_once_says_what_it_said(tmp_path, shipped_model):
    broken = Server("broken", "broken", ("sh", "-c", "echo no luck; exit 1"), {})

    with (
        pytest.raises(DidNotStart, match="no luck"),
        running(broken, shipped_model, bodies.raw(b"any"), tmp_path),
    ):
        pass


def test_two_workers_are_asked_for_by_their_setting():
    assert service(2).variables["FASHION_WORKERS"] == "2"
    assert service(2).workers == 2
    assert service().name != service(2).name
