import pytest

from benchmarks.comparisons import COMPARISONS, is_met, number, table
from benchmarks.servers import REFERENCES, service


def test_the_ratio_is_the_median_of_the_ratios_of_the_rounds():
    rounds = [
        {"service": {"form.rate": ours}, "ceiling": {"form.rate": theirs}}
        for ours, theirs in ((300, 100), (40, 20), (100, 100))
    ]
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table(rounds).split("\n")]

    assert len(rows) == 3
    assert rows[2] == [
        *("form, 64 connections", "pictures/s", "100"),
        *("ceiling", "100", "2.00", "≥ 1.5", "met"),
    ]


def test_a_figure_without_a_reference_is_held_against_the_target_itself():
    rows = table([{"service": {"form.tail": 2.5}}]).split("\n")

    assert [cell.strip() for cell in rows[-1].split("|")[3:-1]] == [
        *("2.50", "", "", "", "≤ 2", "NOT MET")
    ]


def test_every_comparison_is_between_servers_that_exist():
    named = {side[0] for one in COMPARISONS for side in (one.ours, one.theirs) if side}

    assert named == {service().name, service(2).name, *REFERENCES}


@pytest.mark.parametrize(
    ("value", "target", "verdict"),
    [(1.5, "≥ 1.5", "met"), (1.49, "≥ 1.5", "NOT MET"), (2.01, "≤ 2", "NOT MET"), (1, "", "")],
)
def test_a_target_is_a_bound(value, target, verdict):
    assert is_met(value, target) == verdict


@pytest.mark.parametrize(("value", "text"), [(12345.6, "12,346"), (99.94, "99.9"), (0.219, "0.22")])
def test_a_number_has_three_digits(value, text):
    assert number(value) == text
