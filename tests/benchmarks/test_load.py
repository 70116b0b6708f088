from pathlib import Path

import pytest

from benchmarks.load import LoadFailed, Shape, parse

OUTPUT = """Running 2s test @ http://127.0.0.1:8000
  1 threads and 64 connections
RESULT {"requests":100,"seconds":2.0,"p50_ms":4.0,"p99_ms":10.0,"max_ms":12.0,"errors":1}
"""


def test_a_run_is_read_from_what_wrk_prints():
    shape = Shape("batch", Path("requests"), connections=2, pictures=256)
    load = parse(OUTPUT, shape, [2.0, 3.0, 1.8, 0.4])

    assert load.rate == 12_800
    assert load.tail == 2.5
    assert (load.server_cpu, load.wrk_cpu, load.errors) == (0.9, 0.2, 1)
    assert load.pictures_per_cpu_second == pytest.approx(25_600 / 1.8)


@pytest.mark.parametrize(("machine", "disturbed"), [(2.4, False), (3.0, True)])
def test_a_run_beside_which_others_worked_is_marked(machine, disturbed):
    load = parse(OUTPUT, Shape("form", Path("requests"), 64), [2.0, machine, 1.8, 0.4])

    assert load.is_disturbed is disturbed


def test_a_run_without_a_result_says_what_wrk_said():
    with pytest.raises(LoadFailed, match="unable to connect"):
        parse("unable to connect", Shape("form", Path("requests"), 64), [1.0, 0, 0, 0])
