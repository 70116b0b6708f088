import pytest

from benchmarks.figures import Comparison, Target, launch, middle, rate, tail, thrift, worker_memory
from benchmarks.load import Load
from benchmarks.visit import Visit


def load(rate=100.0, other_cpu=0.0, p50=2.0, p99=3.0):
    return Load(
        shape="form",
        connections=64,
        requests=int(rate),
        pictures=int(rate),
        seconds=1.0,
        p50_ms=p50,
        p99_ms=p99,
        max_ms=p99,
        errors=0,
        server_cpu=0.5,
        wrk_cpu=0.1,
        other_cpu=other_cpu,
    )


def visit(name, rate=100.0, other_cpu=0.0, workers=1):
    loads = {"form": load(rate, other_cpu)}
    return Visit(name, workers, loads, launch_seconds=0.5, pss_mib=120.0)


def test_the_ratio_is_the_median_of_the_rounds_ratios():
    rounds = [
        {"service": visit("service", ours), "ceiling": visit("ceiling", theirs)}
        for ours, theirs in ((300, 100), (40, 20), (100, 100))
    ]
    figure = Comparison("form", "", "service", rate("form"), "ceiling").figure(rounds)

    assert (figure.ours, figure.reference, figure.ratio) == (100, 100, 2)
    assert figure.verdict == ""


def test_a_figure_without_a_reference_is_its_own_ratio():
    rounds = [{"service": visit("service")}]
    figure = Comparison(
        "memory", "MiB", "service", worker_memory(), target=Target(130, at_least=False)
    ).figure(rounds)

    assert (figure.ours, figure.ratio, figure.verdict) == (120, 120, "met")


def test_disturbed_rounds_count_only_where_there_are_too_few_others():
    def rounds(*disturbances):
        return [
            {"service": visit("service", 100 * turn, other_cpu=other)}
            for turn, other in enumerate(disturbances, 1)
        ]

    form = Comparison("form", "", "service", rate("form"))

    enough, few = form.figure(rounds(1, 0, 0, 0, 1)), form.figure(rounds(1, 0, 0))
    assert (enough.ours, enough.rounds) == (300, "3 of 5")
    assert (few.ours, few.rounds) == (200, "3 of 3!")


def test_a_visit_without_the_load_has_no_figure():
    rounds = [{"service": visit("service")}]

    assert Comparison("raw", "", "service", rate("raw")).figure(rounds) is None


def test_a_server_that_was_left_out_has_no_figure():
    rounds = [{"service": visit("service")}]

    assert Comparison("form", "", "service", rate("form"), "bentoml").figure(rounds) is None


@pytest.mark.parametrize(
    ("measure", "expected"),
    [(rate("form"), 100), (middle("form"), 2), (tail("form"), 1.5), (thrift("form"), 200),
     (launch(), 0.5), (worker_memory(), 60)],
)  # fmt: skip
def test_each_measure_reads_its_own(measure, expected):
    assert measure.take(visit("service", workers=2)) == expected


@pytest.mark.parametrize(
    ("target", "text", "good", "bad"),
    [(Target(1.5, True), "≥ 1.5", 1.5, 1.49), (Target(2, False), "≤ 2", 2, 2.01)],
)
def test_a_target_is_a_bound(target, text, good, bad):
    assert target.text == text
    assert target.is_met(good)
    assert not target.is_met(bad)
