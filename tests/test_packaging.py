"""Pinned requirements, the installed package without extras, and the Makefile."""

import os
import re
import shutil
import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path

import numpy as np
import pytest
from packaging.requirements import Requirement

from tests.server import environment, failing_start, running_server

ROOT = Path(__file__).parent.parent


def pins(name):
    """Return the lines `package==version ; marker` in a file of requirements/."""
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    return {line.removesuffix(" \\") for line in text.splitlines() if not line.startswith(" ")}


def run(*command, **options):
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


def make(*arguments, cwd):
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return run("make", "-f", ROOT / "Makefile", *arguments, cwd=cwd, env=inherited)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The project's wheel, built from a copy so that the checkout stays clean."""
    folder = tmp_path_factory.mktemp("wheel")
    for name in ("service", "training"):
        shutil.copytree(ROOT / name, folder / name)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*build, "--wheel-dir", folder / "dist", folder], check=True)
    return next((folder / "dist").iterdir())


@pytest.fixture(scope="module")
def programs(tmp_path_factory, wheel):
    """The programs of a virtual environment with the serving pins and the wheel alone."""
    folder = tmp_path_factory.mktemp("serving")
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    install = [folder / "bin" / "python", "-m", "pip", "install", "--quiet"]
    pinned = ROOT / "requirements" / "serving.txt"
    subprocess.run([*install, "--require-hashes", "--requirement", pinned], check=True)
    subprocess.run([*install, "--no-deps", wheel], check=True)
    return folder / "bin"


def test_requirements_name_no_url_and_pin_each_package_once():
    for path in (ROOT / "requirements").glob("*.txt"):
        names = [pin.partition("==")[0] for pin in pins(path.stem)]
        assert not re.search(r"://|--(?!hash=sha256:)", path.read_text()), path
        assert len(names) == len(set(names)), path


def test_a_pin_names_the_extras_that_other_packages_require():
    """Without them, pip wants the newest release for the extra and refuses it as not pinned."""
    asked = {
        (wanted.name, extra)
        for installed in distributions()
        for wanted in map(Requirement, installed.requires or ())
        for extra in wanted.extras
        if wanted.marker is None or wanted.marker.evaluate({"extra": ""})
    }
    assert ("coverage", "toml") in asked
    for name, extra in asked:
        assert any(re.match(rf"{name}\[.*\b{extra}\b.*\]==", pin) for pin in pins("development"))


def test_serving_and_the_training_image_use_tested_versions_and_serving_no_tensorflow():
    serving, training, tested = (
        {pin.partition(" ")[0] for pin in pins(name)}
        for name in ("serving", "training-image", "development")
    )
    replaced = {pin.replace("tensorflow-cpu==", "tensorflow==") for pin in training}

    assert serving < replaced < tested
    assert any(pin.startswith("tensorflow-cpu==") for pin in training)
    assert not [pin for pin in serving if pin.startswith(("tensorflow", "keras"))]


def test_the_serving_pins_alone_give_the_same_probabilities(
    programs, tmp_path, shipped_model, client, png, real_pixels
):
    files, command = {"file": png(real_pixels[0])}, [programs / "fashion-serve"]
    with (
        running_server(command, tmp_path, model_path=shipped_model) as server,
        server.client() as second,
    ):
        answer = second.post("/predict", files=files).json()
        carpet = np.random.default_rng(1).integers(0, 256, (90, 60, 3), np.uint8)
        photograph = second.post("/predict", files={"file": png(carpet)}).json()

    assert photograph["input"]["fit"] == "photo"
    assert answer["class_name"] == "Ankle boot"
    assert answer["probabilities"] == client.post("/predict", files=files).json()["probabilities"]


def test_training_without_its_extra_is_refused_in_one_sentence(programs, tmp_path):
    done = run(programs / "fashion-train", "train", cwd=tmp_path, env=environment())

    assert done.returncode == 2
    assert "fashion-mnist-serving[training]" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_plain_keras_file_without_the_extra_is_refused_in_one_sentence(programs, tmp_path):
    plain = ROOT / "tests" / "data" / "keras-2.h5"
    code, said = failing_start([programs / "fashion-serve"], tmp_path, model_path=plain)

    assert code == 2
    assert "[keras]" in said
    assert "fashion-train convert" in said
    assert said.count("\n") == 1


def test_make_without_a_target_lists_the_targets(tmp_path):
    shutil.copy(ROOT / "Makefile", tmp_path)
    lines = make(cwd=tmp_path).stdout.splitlines()

    assert lines == make("help", cwd=tmp_path).stdout.splitlines()
    assert {"make serve", "make install", "make test", "make check"} <= {
        " ".join(line.split()[:2]) for line in lines
    }


@pytest.mark.parametrize(
    ("answer", "reason"), [("Python 3.10", "Python 3.10"), ("", "does not run")]
)
def test_a_python_that_cannot_be_used_is_refused_in_one_sentence(tmp_path, answer, reason):
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\necho {answer}\n")
    python.chmod(0o755)
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    done = make("serve", f"PYTHON={python}", cwd=tmp_path)

    assert done.returncode == 2
    assert f"{python} cannot be used ({reason}), Python 3.11" in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / ".venv").exists()
