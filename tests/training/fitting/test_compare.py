import re
from pathlib import Path

from training.fitting.compare import COLUMNS, SLOW, compare
from training.options.recipes import RECIPES

QUICK = [name for name in RECIPES if name not in SLOW]


def test_every_quick_recipe_is_trained_with_every_optimizer(data):
    lines = list(compare(data, epochs=1, batch_size=256, quiet=True))

    assert lines[0] == "| recipe | optimizer | epochs | train | validation | test |"
    rows = [line.strip("| ").split(" | ") for line in lines[2:]]
    assert [row[:2] for row in rows] == [[name, label] for name in QUICK for label in COLUMNS]
    assert all(0 <= float(share) <= 1 for row in rows for share in row[3:])
    assert {row[2] for row in rows} == {"1"}


def test_the_docs_have_measured_figures_for_each():
    text = Path("docs/training.md").read_text()

    assert f"| optimizer | {' | '.join(QUICK)} |" in text
    for label in COLUMNS:
        cells = re.search(rf"^\| {re.escape(label)} \|(.*)\|$", text, re.MULTILINE)[1].split("|")
        assert len(cells) == len(QUICK)
        assert all(len(re.findall(r"0\.\d{3}", cell)) == 3 for cell in cells)


def test_a_slow_recipe_is_compared_if_it_is_named(data):
    lines = compare(data, recipe="cnn", epochs=1, batch_size=256, quiet=True)

    assert [next(lines) for _ in range(3)][2].startswith("| cnn | sgd | 1 | ")
