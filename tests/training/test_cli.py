import pytest

from training import commands
from training.cli import main
from training.options.config import TrainingConfig, flag


@pytest.fixture
def refused(capsys):
    """Run a command that is refused; return its sentence."""

    def run(*arguments):
        code = main([str(argument) for argument in arguments])
        shown = capsys.readouterr()
        assert (code, shown.out, shown.err.count("\n")) == (2, "", 1)
        assert shown.err.startswith("fashion-train: ")
        return shown.err.removeprefix("fashion-train: ").strip()

    return run


def test_every_option_is_a_flag_with_its_description(capsys):
    with pytest.raises(SystemExit) as leaving:
        main(["train", "--help"])

    shown = " ".join(capsys.readouterr().out.split())
    assert leaving.value.code == 0
    for name, field in TrainingConfig.model_fields.items():
        assert flag(name) in shown
        assert field.description in shown
    assert "softmax|sigmoid|relu|dropout|cnn" in shown
    assert "constant|cosine" in shown
    assert "loss|accuracy" in shown
    assert "(default: 0.3)" in shown
    assert "averages nothing (default: 0.0)" in shown


def test_a_command_gets_only_the_given_options(monkeypatch):
    got = []
    monkeypatch.setattr(commands, "train", lambda **given: got.append(given))
    commands.train.__name__ = "train"

    assert main(["train", "--epochs", "3", "--nesterov", "--no-quiet"]) == 0
    assert got == [{"epochs": 3, "nesterov": True, "quiet": False}]


def test_explore_prints_and_draws(sample, tmp_path, capsys):
    target = tmp_path / "ten.png"

    assert main(["explore", "--data-dir", str(sample), "--output", str(target)]) == 0
    assert capsys.readouterr().out.endswith(f"\n\nten pictures drawn in {target}\n")
    assert target.exists()


def test_an_unknown_flag_gets_one_sentence(refused):
    assert refused("train", "--nonsense") == (
        "Unrecognized arguments: --nonsense; see `fashion-train --help`."
    )


def test_a_value_that_is_no_number_gets_one_sentence(refused):
    assert refused("train", "--epochs", "many") == (
        "Argument --epochs: invalid int value: 'many'; see `fashion-train train --help`."
    )


def test_no_command_gets_one_sentence(refused):
    assert "arguments are required: command" in refused()


def test_a_refusal_is_one_sentence(refused):
    assert refused("train", "--hidden-units", "10") == (
        "--hidden-units must be a whole number from 11 to 10000; 10 was given."
    )


def test_a_file_that_cannot_be_written_is_named(refused, sample, tmp_path):
    target = tmp_path / "nowhere" / "ten.png"

    assert refused("explore", "--data-dir", sample, "--output", target) == (
        f"{target} cannot be used: No such file or directory."
    )


@pytest.mark.parametrize("command", ["summary", "card"])
def test_a_model_file_that_is_not_there_is_refused(command, refused, tmp_path):
    assert str(tmp_path / "nowhere.h5") in refused(command, tmp_path / "nowhere.h5")


def test_half_a_model_file_is_refused(refused, shipped_model, sample, tmp_path):
    half = tmp_path / "half.h5"
    half.write_bytes(shipped_model.read_bytes()[:100_000])

    assert str(half) in refused("evaluate", half, "--data-dir", sample)
