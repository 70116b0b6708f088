"""The figures as text for people and as a file for programs."""

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks.figures import Figure
from benchmarks.visit import Round

HEAD: Final = ("figure", "unit", "here", "reference", "is", "ratio", "target", "", "rounds")


def markdown(rows: Sequence[Figure]) -> str:
    """Return the figures as a Markdown table whose columns also line up on a terminal."""
    cells = [HEAD, *(_cells(row) for row in rows)]
    widths = [max(len(line[at]) for line in cells) for at in range(len(HEAD))]
    rule = tuple("-" * width for width in widths)
    lines = [cells[0], rule, *cells[1:]]
    return "\n".join(
        "| "
        + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        + " |"
        for line in lines
    )


def _cells(row: Figure) -> tuple[str, ...]:
    return (
        row.title,
        row.unit,
        number(row.ours),
        row.reference_name,
        "" if row.reference is None else number(row.reference),
        "" if row.reference is None else number(row.ratio),
        "" if row.target is None else row.target.text,
        row.verdict,
        row.rounds,
    )


def number(value: float) -> str:
    """Return a figure with the digits that can be trusted: three, or all before the point."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def write(
    file: Path, machine: dict[str, Any], rounds: Sequence[Round], rows: Sequence[Figure]
) -> None:
    """Write all that was measured as JSON."""
    content = {
        "machine": machine,
        "figures": [dataclasses.asdict(row) | {"verdict": row.verdict} for row in rows],
        "rounds": [
            {name: dataclasses.asdict(visit) for name, visit in one.items()} for one in rounds
        ],
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(content, indent=1) + "\n")
