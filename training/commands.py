"""What each command of `fashion-train` does, given its options.

Each imports what it needs: TensorFlow takes seconds, and `--help` should not.
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from service.fashion_mnist import Fit
from service.model.examined import ExaminedModel
from service.model.facts import Facts
from service.model_file.examiner import examine
from training.options.config import OptionRefused, TrainingConfig
from training.options.defaults import configure

if TYPE_CHECKING:
    from training.photographs.folder import Found


def train(**given: Any) -> None:
    """Train a network, write its model file, and say how good it is."""
    from training.fitting.train import train

    config = configure(**given)
    facts = train(config)
    _report(facts)
    print(f"written to {config.output}")


def segmenter(
    output: Path, seed: int = TrainingConfig.seed, quiet: bool = False, **where: Any
) -> None:
    """Teach the network that finds the garment in a photograph, and say how good it is."""
    from training.photographs.folder import find_photographs
    from training.segmenter.train import make_segmenter

    if "extra_data" not in where:
        raise OptionRefused("The segmenter learns from photographs: give --extra-data.")
    TrainingConfig(seed=seed)  # refuses a seed out of its range
    found = find_photographs(where["extra_data"], where.get("extra_mapping"))
    right = make_segmenter(found.photographs, output, seed, quiet)
    print(f"right pixels in other scenes of the same photographs: {right:.4f}\nwritten to {output}")


def compare(**given: Any) -> None:
    """Print the table of every recipe with every optimizer, line by line as it is measured."""
    from training.data.dataset import load
    from training.fitting.compare import compare

    for line in compare(load(given.get("data_dir")), quiet=True, **given):
        print(line, flush=True)


def explore(output: Path, data_dir: Path | None = None) -> None:
    """Print the figures of the data set, and draw a picture of each class."""
    from training.data.dataset import load
    from training.evaluation.explore import describe, draw

    data = load(data_dir)
    draw(data.train, output)
    print(describe(data))
    print(f"\nten pictures drawn in {output}")


def evaluate(
    file: Path,
    json_output: bool,
    plot: Path | None = None,
    sheet: Path | None = None,
    **where: Any,
) -> None:
    """Print how a model file does on the test set and on photographs, and draw it if asked to."""
    from service.model_file.export import load as load_model
    from training.data.dataset import Named, load
    from training.evaluation.contact_sheet import draw_sheet
    from training.evaluation.evaluate import evaluate
    from training.evaluation.on_photographs import appraise
    from training.evaluation.photograph_set import take_album
    from training.evaluation.reliability_plot import draw_calibration

    found = _photographs(sheet, **where)
    data = load(where.get("data_dir"), quiet=json_output)
    facts = _facts(file)  # a damaged file ends here, in a sentence
    network = load_model(file)
    evaluation = evaluate(network, data.test)
    appraisal = appraise(file, take_album(found, json_output), data.test.pixels) if found else None
    known: dict[Fit, Named] = {"exact": Named.of(data.test)}
    if appraisal:
        known["photo"] = appraisal.album.named()
    if plot:
        draw_calibration(network, facts.confidence, known, plot)
    if appraisal and sheet:
        draw_sheet(appraisal.album, appraisal.verdicts, sheet)
    if json_output:
        document = {"file": str(file), "data": data.name, **evaluation.as_json()}
        print(json.dumps(document | ({"photographs": appraisal.as_json()} if appraisal else {})))
    else:
        print(f"{file} on the test set of the {data.name} Fashion-MNIST data\n")
        print(evaluation.as_table())
        if appraisal:
            print(f"\n{file} on the photographs of {where['extra_data']}\n")
            print(appraisal.as_table())


def _photographs(
    sheet: Path | None,
    extra_data: Path | None = None,
    extra_mapping: Path | None = None,
    **_: Any,
) -> "Found | None":
    """Return the photographs to measure by, if there are any."""
    from training.photographs.folder import find_photographs

    if extra_data is not None:
        return find_photographs(extra_data, extra_mapping)
    if sheet or extra_mapping:
        raise OptionRefused("--sheet and --extra-mapping are about photographs: give --extra-data.")
    return None


def verify(file: Path, data_dir: Path | None = None) -> None:
    """Compare the graph of a model file with Keras on the test set and on probe pictures."""
    from training.data.dataset import load
    from training.evaluation.verify import verify

    data = load(data_dir)
    agreement = verify(file, data.test.pixels)
    print(
        f"the graph of {file} answers as Keras does: the largest difference on "
        f"{agreement.pictures} pictures is {agreement.difference:.2g}"
    )


def summary(file: Path) -> None:
    """Print the layers of a model file, as Keras does."""
    print(_facts(file).architecture.summary.strip())


def convert(plain: Path, output: Path) -> None:
    """Make a servable file of a plain Keras file."""
    from training.publish import convert

    convert(plain, output)
    print(f"written to {output}")


def card(file: Path) -> None:
    """Print the model card."""
    from training.evaluation.model_card import card

    print(card(_facts(file)))


def _facts(file: Path) -> Facts:
    return ExaminedModel.from_bytes(examine(file)).facts


def _report(facts: Facts) -> None:
    if facts.data:
        print(f"trained on the {facts.data.name} Fashion-MNIST data, epochs: {facts.epochs_run}")
    for name, measured in facts.metrics.items():
        print(f"{name + ' accuracy':<20}{measured.accuracy:.4f}")
