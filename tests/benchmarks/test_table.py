import json

import pytest

from benchmarks.figures import Figure
from benchmarks.table import markdown, number, write
from benchmarks.targets import at_least, at_most

ROWS = [
    Figure("form", "pictures/s", 9000.0, "ceiling", 5000.0, 1.8, at_least(1.5), "8 of 8"),
    Figure("tail", "", 2.5, "", None, 2.5, at_most(2), "2 of 8"),
]


def test_the_table_says_which_targets_are_met():
    lines = [
        [cell.strip() for cell in line.split("|")[1:-1]] for line in markdown(ROWS).split("\n")
    ]

    assert lines[2] == [
        "form",
        "pictures/s",
        "9,000",
        "ceiling",
        "5,000",
        "1.80",
        "≥ 1.5",
        "met",
        "8 of 8",
    ]
    assert lines[3] == ["tail", "", "2.50", "", "", "", "≤ 2", "NOT MET", "2 of 8"]


@pytest.mark.parametrize(("value", "text"), [(12345.6, "12,346"), (99.94, "99.9"), (0.219, "0.22")])
def test_a_number_has_the_digits_that_can_be_trusted(value, text):
    assert number(value) == text


def test_everything_is_written_for_programs(tmp_path):
    file = tmp_path / "build" / "bench.json"
    write(file, {"cores": 2}, [{}], ROWS)
    content = json.loads(file.read_text())

    assert content["machine"] == {"cores": 2}
    assert content["figures"][0]["verdict"] == "met"
