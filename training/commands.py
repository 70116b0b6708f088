"""The commands of `fashion-train`.

Each imports what it needs: TensorFlow takes seconds to load, and most commands do without.
"""

import json
from pathlib import Path
from typing import Any

from service.model.examined import ExaminedModel
from service.model.facts import Facts
from service.model_file.examiner import examine
from training.options.config import OptionRefused, TrainingConfig, data_folder
from training.options.defaults import configure


def train(**given: Any) -> None:
    """Train a network, write its model file and print its accuracies."""
    from training.fitting.train import train

    config = configure(**given)
    facts = train(config)
    if facts.data:
        print(f"trained on the {facts.data.name} Fashion-MNIST data, epochs: {facts.epochs_run}")
    for name, measured in facts.metrics.items():
        print(f"{name + ' accuracy':<20}{measured.accuracy:.4f}")
    print(f"written to {config.output}")


def segmenter(**given: Any) -> None:
    """Train the network that finds the garment in a photograph, and print its accuracy."""
    from training.photographs.folder import find_photographs
    from training.segmenter.train import make_segmenter

    config = TrainingConfig(**given)
    if config.extra_data is None:
        raise OptionRefused("The segmenter is trained on photographs: give --extra-data.")
    found = find_photographs(config.extra_data, config.extra_mapping)
    accuracy = make_segmenter(found.photographs, config.output, config.seed, config.quiet)
    print(f"right pixels in other scenes of the same photographs: {accuracy:.4f}")
    print(f"written to {config.output}")


def compare(data_dir: Path | None = None, **given: Any) -> None:
    """Print a table of every recipe with every optimizer, line by line."""
    from training.data.dataset import load
    from training.fitting.compare import compare

    for line in compare(load(*data_folder(data_dir)), quiet=True, **given):
        print(line, flush=True)


def explore(output: Path, data_dir: Path | None = None) -> None:
    """Print the counts of the data set, and draw a picture of each class."""
    from training.data.dataset import load
    from training.evaluation.explore import describe, draw

    data = load(*data_folder(data_dir))
    draw(data.train, output)
    print(describe(data))
    print(f"\nten pictures drawn in {output}")


def evaluate(
    file: Path,
    json_output: bool,
    plot: Path | None = None,
    sheet: Path | None = None,
    data_dir: Path | None = None,
    extra_data: Path | None = None,
    extra_mapping: Path | None = None,
) -> None:
    """Print how good a model file is on the test set and on photographs, and draw plots."""
    from training.data.dataset import load
    from training.evaluation.contact_sheet import draw_sheet
    from training.evaluation.evaluate import ServedModel, evaluate
    from training.evaluation.on_photographs import evaluate_on_photographs
    from training.evaluation.photograph_set import read_photographs
    from training.evaluation.reliability_plot import draw_reliability
    from training.photographs.folder import find_photographs

    if extra_data is None and (sheet or extra_mapping):
        raise OptionRefused("--sheet and --extra-mapping are for photographs: give --extra-data.")
    found = find_photographs(extra_data, extra_mapping) if extra_data else None
    data = load(*data_folder(data_dir), quiet=json_output)
    model = ServedModel(file)
    exact = model.predict(data.test.pixels, "exact")
    tested = evaluate(exact.uncalibrated, data.test.labels)
    document = {"file": str(file), "data": data.name, **tested.as_json()}
    text = f"{file} on the test set of the {data.name} Fashion-MNIST data\n\n{tested.as_table()}"
    panels = {"exact": (exact, data.test.multi_label().allowed)}
    if found:
        photographs = read_photographs(found, json_output)
        measured = evaluate_on_photographs(model, photographs, exact)
        document |= {"photographs": measured.as_json()}
        text += f"\n\n{file} on the photographs of {extra_data}\n\n{measured.as_table()}"
        panels["photo"] = measured.known()
        if sheet:
            draw_sheet(photographs, measured.predictions, sheet)
    if plot:
        draw_reliability(panels, plot)
    print(json.dumps(document) if json_output else text)


def verify(file: Path, data_dir: Path | None = None) -> None:
    """Compare the graph of a model file with Keras on the test set and on probes."""
    from training.data.dataset import load
    from training.evaluation.verify import verify

    data = load(*data_folder(data_dir))
    agreement = verify(file, data.test.pixels)
    print(
        f"the graph of {file} answers as Keras does: the largest difference on "
        f"{agreement.pictures} pictures is {agreement.difference:.2g}"
    )


def summary(file: Path) -> None:
    """Print the layers of a model file, as Keras does."""
    print(_facts(file).architecture.summary.strip())


def convert(plain: Path, output: Path) -> None:
    """Turn a plain Keras file into a model file."""
    from training.publish import convert

    convert(plain, output)
    print(f"written to {output}")


def card(file: Path) -> None:
    """Print the model card."""
    from training.evaluation.model_card import card

    print(card(_facts(file)))


def _facts(file: Path) -> Facts:
    return ExaminedModel.from_bytes(examine(file)).facts
