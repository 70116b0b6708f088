import subprocess
import sys


def run(*arguments):
    command = [sys.executable, "-m", "training", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True)


def test_a_training_says_its_result_and_nothing_else(sample, tmp_path):
    output = tmp_path / "model.h5"

    result = run("train", "--data-dir", sample, "--output", output, "--epochs", 1, "--quiet")

    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.endswith(f"written to {output}\n")


def test_what_is_refused_gets_one_sentence_and_exit_code_2(tmp_path):
    result = run("explore", "--data-dir", tmp_path / "nowhere")

    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith(f"fashion-train: The data folder {tmp_path}/nowhere does not")
    assert result.stderr.count("\n") == 1


WITHOUT_TENSORFLOW = """
import sys
sys.modules["tensorflow"] = sys.modules["keras"] = None
from training.__main__ import main
sys.exit(main())
"""


def run_without_tensorflow(*arguments):
    command = [sys.executable, "-c", WITHOUT_TENSORFLOW, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True)


def test_a_model_file_is_evaluated_without_tensorflow(shipped_model, sample):
    result = run_without_tensorflow("evaluate", shipped_model, "--data-dir", sample)

    assert (result.returncode, result.stderr) == (0, "")


def test_a_command_names_the_missing_package_that_it_needs(sample, tmp_path):
    result = run_without_tensorflow(
        "train", "--data-dir", sample, "--output", tmp_path / "model.h5"
    )

    assert result.returncode == 2
    assert result.stderr == (
        "fashion-train: This command needs keras, which serving does not: install it with "
        "`pip install 'fashion-mnist-serving[training]'`.\n"
    )


SCRIPT = """
import logging, os, sys, warnings
from training.__main__ import hide_library_noise
hide_library_noise()
os.write(2, b"C++ talks")
logging.warning("a logger talks")
warnings.warn("a warning")
print("this program talks", file=sys.stderr)
"""


def test_only_the_program_itself_reaches_the_terminal():
    result = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True)

    assert result.stderr == "this program talks\n"
