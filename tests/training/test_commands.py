import json

import pytest

from service.fashion_mnist import CLASS_NAMES
from training import commands
from training.options.config import OptionRefused
from training.publish import OutputRefused


def test_train_prints_the_data_set_and_the_accuracies(sample, tmp_path, capsys):
    output = tmp_path / "model.h5"

    commands.train(data_dir=sample, output=output, epochs=1, quiet=True)

    shown = capsys.readouterr()
    lines = shown.out.splitlines()
    assert shown.err == ""
    assert lines[0] == "trained on the sample Fashion-MNIST data, epochs: 1"
    assert [line.split()[0] for line in lines[1:4]] == ["train", "validation", "test"]
    assert lines[4] == f"written to {output}"


def test_train_shows_its_progress_on_standard_error(sample, tmp_path, capsys):
    commands.train(data_dir=sample, output=tmp_path / "model.h5", epochs=1)

    assert capsys.readouterr().err.startswith("epoch 1/1 ")


def test_the_segmenter_needs_photographs(tmp_path):
    with pytest.raises(OptionRefused, match="give --extra-data"):
        commands.segmenter(output=tmp_path / "made.tflite")


def test_the_segmenter_is_not_trained_for_an_output_that_cannot_be_written(wardrobe, tmp_path):
    with pytest.raises(OutputRefused, match=r"must end in \.tflite"):
        commands.segmenter(output=tmp_path / "made.h5", extra_data=wardrobe)


def test_compare_prints_the_table(sample, capsys):
    commands.compare(data_dir=sample, recipe="softmax", epochs=1, batch_size=256)

    assert capsys.readouterr().out.count("| softmax | ") == 6


def test_evaluate_prints_and_draws_its_results(sample, shipped_model, wardrobe, tmp_path, capsys):
    drawn = {name: tmp_path / f"{name}.png" for name in ("plot", "sheet")}
    where = {"data_dir": sample, "extra_data": wardrobe, "extra_mapping": wardrobe / "mapping.json"}

    commands.evaluate(shipped_model, json_output=False, **drawn, **where)
    lines = capsys.readouterr().out.splitlines()
    commands.evaluate(shipped_model, json_output=True, **where)
    document = json.loads(capsys.readouterr().out)

    assert lines[0] == f"{shipped_model} on the test set of the sample Fashion-MNIST data"
    assert [line[:12].strip() for line in lines[3:14]] == [*CLASS_NAMES, "all"]
    assert f"{shipped_model} on the photographs of {wardrobe}" in lines
    assert document["data"] == "sample"
    assert document["accuracy"] > 0.85
    assert list(document["per_class"]) == list(CLASS_NAMES)
    assert document["photographs"]["folders"]["all"]["pictures"] == 17
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in drawn.values())


def test_evaluate_draws_no_sheet_without_photographs(sample, shipped_model, tmp_path):
    with pytest.raises(OptionRefused, match="--extra-data"):
        commands.evaluate(
            shipped_model, json_output=False, sheet=tmp_path / "sheet.png", data_dir=sample
        )


def test_summary_prints_the_layers(dropout_model, capsys):
    commands.summary(dropout_model)

    shown = capsys.readouterr().out
    assert "hidden (Dense)" in shown
    assert "Total params: 79,510" in shown


def test_convert_says_where_the_file_is(network, tmp_path, capsys):
    network().save(tmp_path / "plain.h5")

    commands.convert(tmp_path / "plain.h5", tmp_path / "ours.h5")

    assert capsys.readouterr().out == f"written to {tmp_path}/ours.h5\n"


def test_card_prints_markdown(shipped_model, capsys):
    commands.card(shipped_model)

    assert capsys.readouterr().out.startswith("# Model card\n")
