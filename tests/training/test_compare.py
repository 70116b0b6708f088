from pathlib import Path

from training.compare import COLUMNS, compare
from training.recipes import RECIPES


def test_every_recipe_is_trained_with_every_optimizer(data):
    lines = list(compare(data, epochs=1, batch_size=256, quiet=True))

    assert lines[0] == "| recipe | optimizer | epochs | train | validation | test |"
    rows = [line.strip("| ").split(" | ") for line in lines[2:]]
    assert [row[:2] for row in rows] == [[name, label] for name in RECIPES for label in COLUMNS]
    assert all(0 <= float(share) <= 1 for row in rows for share in row[3:])
    assert {row[2] for row in rows} == {"1"}


def test_the_documentation_has_a_measured_row_for_each():
    text = Path("docs/training.md").read_text()

    for name in RECIPES:
        for label in COLUMNS:
            assert text.count(f"| {name} | {label} | ") == 1
