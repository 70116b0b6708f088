from dataclasses import replace

from benchmarks.load import Load
from benchmarks.rounds import caveats, describe
from benchmarks.visit import Visit

LOAD = Load(
    shape="form", connections=64, requests=100, pictures=100, seconds=1.0, p50_ms=2.0, p99_ms=3.0,
    max_ms=3.0, errors=0, server_cpu=0.9, wrk_cpu=0.1, other_cpu=0.0,
)  # fmt: skip


def test_a_visit_is_told_in_one_line():
    disturbed = replace(LOAD, errors=2, other_cpu=1.0)
    loaded = Visit("service", 1, {"form": LOAD, "raw": disturbed})
    weighed = Visit("service", 1, launch_seconds=0.81, pss_mib=76.4)

    assert describe(loaded) == "service: form 100/s, raw 100/s (2 errors)!"
    assert describe(weighed) == "service: 0.81 s to start, 76 MiB"


def test_disturbed_runs_and_failed_requests_are_told():
    disturbed = replace(LOAD, errors=2, other_cpu=1.04)
    told = caveats([{"service": Visit("service", 1, {"form": LOAD, "raw": disturbed})}])

    assert told[0].startswith("1 of 2 runs")
    assert "at most 1.04" in told[0]
    assert told[1] == "2 requests failed."
