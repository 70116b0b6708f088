"""The fenced blocks of a Markdown file, the commands in them, and their documented output."""

import json
import re
from dataclasses import dataclass
from itertools import pairwise

RUN = ("console", "bash", "sh", "python")
ONLY_READ = ("text", "mermaid")
"""Tags of blocks that are not run. A `json` block is the output of the command before it."""

CHANGES = re.compile(r'"(request_id|loaded_at|created)": ?"[^"]*"')
"""Values that differ in each answer."""

NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+(?:e[-+]?\d+)?|e[-+]?\d+)(?![\w])")
"""A number that may differ slightly. Digits inside a word, for instance a digest, may not."""


@dataclass
class Block:
    """One fenced block: its place (file and line), its tag and its text."""

    place: str
    tag: str
    text: str


@dataclass
class Command:
    """One command of a block, and the output documented below it, if any."""

    place: str
    text: str
    expected: str = ""


def blocks(name, markdown):
    """Return the fenced blocks of a Markdown text from the file `name`."""
    fence = re.compile(r"^ *```(\S*)[^\n]*\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
    return [
        Block(f"{name}:{markdown[: found.start()].count(chr(10)) + 1}", *found.groups())
        for found in fence.finditer(markdown)
    ]


def commands(blocks):
    """Return the commands in these blocks, each with its expected output."""
    found = {block.place: _commands(block) for block in blocks if block.tag in RUN}
    for block, following in pairwise(blocks):
        if following.tag == "json" and found.get(block.place):
            found[block.place][-1].expected = following.text
    return [command for ones in found.values() for command in ones]


def _commands(block):
    if block.tag == "python":
        return [Command(block.place, f"python - <<'END'\n{block.text}END")]
    lines = block.text.replace("\\\n", " ").splitlines()
    if block.tag in ("bash", "sh"):
        return [Command(block.place, line) for line in lines if line and line[0] != "#"]
    found = []
    for line in lines:
        if line.startswith("$ "):
            found.append(Command(block.place, line[2:]))
        else:
            assert found, f"{block.place}: a console block starts with `$ `, not with {line!r}"
            found[-1].expected += line + "\n"
    return found


def lone_answers(blocks):
    """Return the places of `json` blocks that follow no command."""
    return [
        block.place
        for before, block in pairwise([Block("", "", ""), *blocks])
        if block.tag == "json" and before.tag not in RUN
    ]


def agree(expected, got):
    """Return whether an output matches the expected one.

    `...` matches anything; on a line of its own, any number of lines. Numbers with a decimal point
    may differ by 1e-4. The layout of JSON does not matter.
    """
    if _is_json(got):
        expected, got = re.sub(r"\s+", "", expected), re.sub(r"\s+", "", got)
    expected, got = _steady(expected), _steady(got)
    found = re.fullmatch("".join(_pattern(line) for line in expected.splitlines()), got)
    if not found:
        return False
    pairs = zip(NUMBER.findall(expected), found.groups(), strict=True)
    return all(abs(float(ours) - float(theirs)) <= 1e-4 for ours, theirs in pairs)


def _is_json(text):
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _steady(text):
    lines = [line.rstrip() for line in text.strip().splitlines()]
    return CHANGES.sub(r'"\1": "*"', "\n".join(lines)) + "\n"


def _pattern(line):
    if line.strip() == "...":
        return r"(?:.*\n)*?"
    between = [
        ".*".join(re.escape(part) for part in text.split("...")) for text in NUMBER.split(line)
    ]
    return f"({NUMBER.pattern})".join(between) + r"\n"
