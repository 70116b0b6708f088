"""The docs are true: their commands print what the docs show, and their links work.

A `console` block holds lines of `$ command`, each followed by its output. `bash` and `sh` blocks
hold only commands. A `json` block is the output of the command before it. `...` matches anything.
EXCEPTIONS lists the commands that cannot run here, with the step that runs each of them instead.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from service.api.problem_types import KINDS
from service.config.settings import PREFIX, TRAINING_NAMES, Settings
from tests.doc_blocks import ONLY_READ, RUN, agree, blocks, commands, lone_answers
from tests.server import environment

ROOT = Path(__file__).parent.parent
DOCS = [path for folder in (".", "docs", "models") for path in sorted(ROOT.glob(f"{folder}/*.md"))]
TEXTS = {str(path.relative_to(ROOT)): path.read_text() for path in DOCS}
BLOCKS = {name: blocks(name, text) for name, text in TEXTS.items()}
COMMANDS = [command for found in BLOCKS.values() for command in commands(found)]

EXCEPTIONS = {
    r"(FASHION_\w+=\S+ )*make serve": ".ci/run calls it, once for each Python",
    r"make (test|check)": ".ci/run calls `make check`, which ends with `make test`",
    r"make install": "`make check` starts with it, in .ci/run",
    r"make (image|container-test)": "they need a Docker engine; .ci/run calls them with one",
    r"make bench(-steps|-growth)?": "they take minutes; tests/benchmarks runs their parts",
    r"make bench-photographs .*": "it needs photographs; test_ablation runs it on others",
    r"(FASHION_\w+=\S+ )*docker .*": "`make container-test` runs them, in .ci/run",
}
"""Commands that the tests of the docs do not run: why, and what runs them instead."""

NEEDS_ALL_DATA = re.compile(r"fashion-train (train|compare|explore|evaluate)\b")
"""Their figures are compared only if FASHION_DATA_DIR is set. Otherwise they use the sample."""

SAMPLE = ROOT / "tests" / "data" / "fashion-mnist-sample"
DATA_DIR = os.environ.get("FASHION_DATA_DIR")
SERVES = re.compile(r"(FASHION_\w+=\S+ )*(fashion-serve|python -m service)$")
ADDRESS = "http://127.0.0.1:8000"
MACHINE = re.compile(r"pypi\.org|pythonhosted|index-url|(?<![\w.])/(root|home|work|Users)/")
LEFT_OUT = shutil.ignore_patterns(
    ".*", "service", "training", "shared", "build", "__pycache__", "*.egg-info"
)


def excepted(command):
    return [pattern for pattern in EXCEPTIONS if re.fullmatch(pattern, command.text.strip())]


RUNNABLE = [command for command in COMMANDS if not excepted(command)]
SERVING = [command for command in RUNNABLE if SERVES.match(command.text)]
ENDING = [command for command in RUNNABLE if not SERVES.match(command.text)]


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A copy of the checkout for the commands to write into."""
    copy = shutil.copytree(ROOT, tmp_path_factory.mktemp("docs") / "copy", ignore=LEFT_OUT)
    (copy / ".venv").symlink_to(sys.prefix)
    return copy


@pytest.fixture(scope="module")
def shell(copy):
    """Start a command in the copy, with the programs of this Python first on the path."""
    programs = copy.parent / "programs"
    programs.mkdir()
    stand_in = programs / "curl"
    stand_in.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{ROOT}/tests/curl.py" "$@"\n')
    stand_in.chmod(0o755)

    def start(text, with_stand_in=False):
        path = [str(Path(sys.executable).parent), os.environ["PATH"]]
        path = [str(programs), *path] if with_stand_in else [*path, str(programs)]
        settings = environment(port=0, data_dir=DATA_DIR or SAMPLE, cache_dir=copy.parent / "cache")
        settings |= {"PATH": ":".join(path), "PYTHONPATH": str(ROOT), "COLUMNS": "100"}
        return subprocess.Popen(
            ["bash", "-c", text],
            cwd=copy,
            env=settings,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return start


@pytest.mark.parametrize("command", ENDING, ids=lambda command: command.place)
def test_a_documented_command_prints_the_documented_output(command, shell, server):
    text = command.text.replace(ADDRESS, server.url)
    compared = command.expected and (DATA_DIR or not NEEDS_ALL_DATA.search(text))
    for with_stand_in in (False, True) if "curl " in text else (False,):
        process = shell(text, with_stand_in)
        printed, said = process.communicate(timeout=600)
        printed = printed if "curl " in text else printed + said
        assert process.returncode == 0 or command.expected, said
        assert not compared or agree(command.expected, printed), f"{command.place}:\n{printed}"


def test_a_documented_command_that_serves_runs_until_it_is_stopped(shell):
    for command in SERVING:
        process = shell(re.sub(r"FASHION_PORT=\d+ ", "", command.text))
        assert any('"serving"' in line for line in process.stdout), command.place
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        assert process.returncode == 0, command.place


def test_every_exception_is_needed():
    used = {pattern for command in COMMANDS for pattern in excepted(command)}

    assert not sorted(EXCEPTIONS.keys() - used), "no doc has such a command: remove it"


@pytest.mark.parametrize("name", BLOCKS)
def test_every_block_has_a_known_tag(name):
    for block in BLOCKS[name]:
        assert block.tag in (*RUN, *ONLY_READ, "json"), f"{block.place} is tagged {block.tag!r}"
        assert block.tag in RUN or not re.search(r"^\$ ", block.text, re.MULTILINE), block.place
    assert not lone_answers(BLOCKS[name]), "json without a command before it"


def test_the_readme_leads_with_serving_testing_and_one_picture():
    texts = [command.text for command in commands(BLOCKS["README.md"])]

    assert [texts[0], texts[1], texts[2].split()[0]] == ["make serve", "make test", "curl"]


@pytest.mark.parametrize("name", TEXTS)
def test_every_make_target_in_the_docs_exists(name):
    targets = set(re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = re.findall(r"(?:`|^\$ )(?:\w+=\S+ )*make ([a-z-]+)", TEXTS[name], re.MULTILINE)

    assert set(named) <= targets


@pytest.mark.parametrize("name", TEXTS)
def test_every_link_works(name):
    for link in re.findall(r"\]\((?!https?:)([^)\s]+)\)", TEXTS[name]):
        path, _, heading = link.partition("#")
        target = (ROOT / name).parent / path if path else ROOT / name
        assert target.exists(), link
        assert not heading or heading in headings(target.read_text()), link


def headings(text):
    titles = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return [re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles]


@pytest.mark.parametrize("name", TEXTS)
def test_every_path_in_the_docs_exists(name):
    tops = [ROOT, ROOT / "service", ROOT / "service" / "images"]
    for path in re.findall(r"`([\w-]+/[\w./-]*\.(?:py|conf|tflite))`", TEXTS[name]):
        assert any((top / path).exists() for top in tops), path


def test_the_design_page_shows_every_package():
    path, shown = [], set()
    for indent, folder in re.findall(
        r"^( *)(\w+)/", BLOCKS["docs/design.md"][0].text, re.MULTILINE
    ):
        path[len(indent) // 2 :] = [folder]
        shown.add("/".join(path))
    packages = [
        found for top in ("service", "training") for found in ROOT.glob(f"{top}/**/__init__.py")
    ]

    assert shown == {str(found.parent.relative_to(ROOT)) for found in packages}


@pytest.mark.parametrize("name", sorted(TEXTS.keys() - {"CHANGELOG.md"}))  # it names removed ones
def test_every_setting_in_the_docs_exists(name):
    settings = {PREFIX + field.upper() for field in Settings.model_fields} | TRAINING_NAMES

    assert set(re.findall(r"\bFASHION_[A-Z_]+[A-Z]\b", TEXTS[name])) <= settings


def test_the_trainer_reads_exactly_its_own_settings():
    config = (ROOT / "training" / "options" / "config.py").read_text()

    assert set(re.findall(r'"(FASHION_\w+)"', config)) == TRAINING_NAMES


def test_the_docs_name_every_endpoint_and_every_problem(client):
    text = "\n".join(TEXTS.values())
    paths = client.get("/openapi.json").json()["paths"]
    endpoints = [f"{method.upper()} {path}" for path in paths for method in paths[path]]

    assert [named for named in endpoints if named not in text] == []
    assert [kind.slug for kind in KINDS if f"`{kind.slug}`" not in text] == []


@pytest.mark.parametrize("name", TEXTS)
def test_the_docs_name_no_machine_and_no_registry(name):
    assert not MACHINE.search(TEXTS[name])
