"""The model card: the facts in a model file as Markdown."""

from collections.abc import Iterable
from typing import Any, Final

from service.fashion_mnist import CLASS_NAMES
from service.model.facts import Facts
from training.options.config import flag
from training.options.defaults import configure
from training.options.recipes import RECIPES

HEADING: Final = """\
# Model card

Made from the facts in the model file by `fashion-train card`.\
"""

USE: Final = """\
## Intended use

For learning, demonstrations and tests. It names the kind of clothing in a grey picture of 28×28
pixels that was prepared like Fashion-MNIST, bright cloth on a black background{also}

## Limits

{strangers}
- Pictures of 28×28 pixels with a bright background are out of distribution. Invert them first.
- It knows the kinds of clothing of one European shop around 2017, photographed from the front.
{photographs}
{confidence}
- It is no basis for decisions about people.\
"""

FROM_PHOTOGRAPHS: Final = """,
or in a photograph of one garment, which the service turns into such a picture.\
"""

OF_PHOTOGRAPHS: Final = """\
- It was trained on photographs of one garment each, laid flat or hung up, on a background of
  another colour.\
"""

NO_PHOTOGRAPHS: Final = """\
- It was not trained on photographs, and names most of them wrongly.\
"""

NAMES_ANYTHING: Final = """\
- It always names one of the ten classes, even for a picture of something else, and often with high
  confidence. Noise and empty pictures are mostly called a bag.\
"""

KNOWS_STRANGERS: Final = """\
- It always names one of the ten classes. The stranger score says how far a picture is from those
  it was trained on, and for a photograph also how much it resembles the strangers in training, if
  there were any. Not every stranger gets a high score.\
"""

UNCALIBRATED: Final = """\
- A confidence is the network's own softmax, not a measured chance of being right.\
"""

CALIBRATED: Final = """\
- A confidence is calibrated on held-out pictures: for pictures like those, it is the chance of
  being right.\
"""


def card(facts: Facts) -> str:
    """Return the card of a model."""
    sections = [
        HEADING,
        _network(facts),
        _command(facts),
        _data(facts),
        _results(facts),
        _confidence(facts),
        _use(facts),
    ]
    return "\n\n".join(section for section in sections if section)


def _network(facts: Facts) -> str:
    settings = {name.replace("_", " "): value for name, value in facts.settings.items()}
    rows = {**settings, "epochs run": facts.epochs_run, **facts.versions, "made": facts.created}
    table = _table(
        ("what", "value"), ((name, value) for name, value in rows.items() if value is not None)
    )
    return (
        f"## Network and training\n\n```text\n{facts.architecture.summary.strip()}\n```\n\n{table}"
    )


def _command(facts: Facts) -> str:
    """Return the command that trains such a model; nothing for a converted file."""
    if facts.recipe not in RECIPES or facts.data is None:
        return ""
    given: dict[str, Any] = {"recipe": facts.recipe}
    optimizer = facts.settings.get("optimizer")
    if optimizer not in (None, configure(recipe=facts.recipe).optimizer):
        given["optimizer"] = str(optimizer)
    defaults = configure(**given).settings()
    given |= {name: value for name, value in facts.settings.items() if defaults.get(name) != value}
    words = ["fashion-train train", *(_flag(name, value) for name, value in given.items())]
    if any("photographs" in name for name in facts.data.pictures):
        words.append("--extra-data DIR [--extra-mapping FILE]")
    return f"## Made by\n\n```text\n{' '.join(words)}\n```"


def _flag(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return flag(name) if value else flag(f"no_{name}")
    return f"{flag(name)} {value}"


def _data(facts: Facts) -> str:
    if facts.data is None:
        return "## Data\n\nThe file does not say what the network was trained on."
    counts = ", ".join(f"{count} for {part}" for part, count in facts.data.pictures.items())
    digests = _table(("file", "sha256"), facts.data.sha256.items())
    return f"## Data\n\nThe {facts.data.name} Fashion-MNIST data: {counts}.\n\n{digests}"


def _results(facts: Facts) -> str:
    """Return the accuracies, a column for each part of the data; nothing if none was measured."""
    if not facts.metrics:
        return ""
    sets = facts.metrics.values()
    rows = [("all", *(f"{one.accuracy:.4f}" for one in sets))]
    rows += [(name, *(f"{one.per_class[name]:.3f}" for one in sets)) for name in CLASS_NAMES]
    rows += [("cross-entropy", *(f"{one.loss:.4f}" for one in sets))]
    return f"## Accuracy\n\n{_table(('class', *facts.metrics), rows)}"


def _confidence(facts: Facts) -> str:
    """Return what was fitted for each kind of picture; nothing if nothing was."""
    if not facts.confidence:
        return ""
    rows = [
        (
            fit,
            f"{one.temperature:.2f}",
            f"{one.out_of_distribution.threshold:.2f}" if one.out_of_distribution else "",
        )
        for fit, one in facts.confidence.learned().items()
    ]
    table = _table(("pictures", "temperature", "stranger score threshold"), rows)
    return f"## Confidence\n\n{table}"


def _use(facts: Facts) -> str:
    known = facts.confidence
    photographed = bool(known and known.photo)
    return USE.format(
        also=FROM_PHOTOGRAPHS if photographed else ".",
        photographs=OF_PHOTOGRAPHS if photographed else NO_PHOTOGRAPHS,
        strangers=KNOWS_STRANGERS if known and known.exact.out_of_distribution else NAMES_ANYTHING,
        confidence=CALIBRATED if known else UNCALIBRATED,
    )


def _table(head: Iterable[Any], rows: Iterable[Iterable[Any]]) -> str:
    cells = [list(head)]
    cells += [["---"] * len(cells[0]), *(list(row) for row in rows)]
    return "\n".join(f"| {' | '.join(map(str, row))} |" for row in cells)
