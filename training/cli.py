"""The command line of `fashion-train`; the flags come from the configuration's own fields."""

import sys
from argparse import SUPPRESS, ArgumentParser, BooleanOptionalAction
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, Final, NoReturn

from service.errors import FashionError
from training import commands
from training.options.config import (
    SEGMENTER,
    SHIPPED,
    WATCHED,
    OptionRefused,
    TrainingConfig,
    flag,
    options,
)
from training.options.optimizers import OPTIMIZERS
from training.options.recipes import RECIPES
from training.options.schedules import SCHEDULES

NAMES: Final[dict[str, Iterable[str]]] = {
    "recipe": RECIPES,
    "optimizer": OPTIMIZERS,
    "schedule": SCHEDULES,
    "watch": WATCHED,
}
"""The options that take a name, and the tables of the names they take."""

COMPARABLE: Final = (
    *("recipe", "epochs", "patience", "batch_size"),
    *("validation_share", "seed", "data_dir"),
)
"""The options of `train` that `compare` takes for all of its trainings."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return 0, 2 after what the user can put right, or 130 after Ctrl-C."""
    try:
        given = vars(_parser().parse_args(arguments))
        given.pop("run")(**given)
    except FashionError as error:
        return _say(str(error), 2)
    except OSError as error:
        return _say(f"{error.filename or 'A file'} cannot be used: {error.strerror}.", 2)
    except KeyboardInterrupt:
        return _say("Stopped; no model file was changed. `train --resume` goes on with one.", 130)
    return 0


def _say(sentence: str, code: int) -> int:
    print(f"fashion-train: {sentence}", file=sys.stderr)
    return code


class _Parser(ArgumentParser):
    """Says in one sentence what is wrong with a command line, like everything else here."""

    def error(self, message: str) -> NoReturn:
        raise OptionRefused(f"{message[:1].upper()}{message[1:]}; see `{self.prog} --help`.")


def _parser() -> ArgumentParser:
    parser = _Parser(prog="fashion-train", description="Train classifiers on Fashion-MNIST.")
    subparsers = parser.add_subparsers(metavar="command", required=True)

    def add(run: Callable[..., None], help: str, names: Iterable[str] = ()) -> ArgumentParser:
        command = subparsers.add_parser(run.__name__, help=help, description=help)
        command.set_defaults(run=run)
        _add_options(command, names)
        return command

    add(commands.train, "Train a network and write its model file.", options())
    command = add(
        commands.segmenter,
        "Teach the network that finds the garment in a photograph.",
        ["extra_data", "extra_mapping", "seed", "quiet"],
    )
    _add_output(command, SEGMENTER, "the graph to write")
    add(commands.compare, "Train every recipe with every optimizer: a table.", COMPARABLE)
    command = add(commands.explore, "Show what the data holds and draw ten pictures.", ["data_dir"])
    _add_output(command, Path("explore.png"), "the PNG")
    command = add(
        commands.evaluate,
        "Measure a model file on the test set, and on photographs.",
        ["data_dir", "extra_data", "extra_mapping"],
    )
    command.add_argument("--json", dest="json_output", action="store_true", help="print JSON")
    command.add_argument(
        "--plot", type=Path, help="a PNG: how often it is right, by how sure it is"
    )
    command.add_argument("--sheet", type=Path, help="a PNG: photographs, and what became of them")
    _add_file(command)
    _add_file(add(commands.verify, "Compare a file's graph with Keras.", ["data_dir"]))
    _add_file(add(commands.summary, "Show the layers of a model file."))
    command = add(commands.convert, "Make a servable file of a plain Keras .h5 file.")
    command.add_argument("plain", type=Path, metavar="PLAIN.h5", help="a file that Keras saved")
    command.add_argument("--output", type=Path, required=True, help="the model file to write")
    _add_file(add(commands.card, "Print the model card of a model file, in Markdown."))
    return parser


def _add_output(command: ArgumentParser, default: Path, about: str) -> None:
    about += " (default: %(default)s)"
    command.add_argument("--output", type=Path, default=default, help=about)


def _add_file(command: ArgumentParser) -> None:
    command.add_argument(
        "file", type=Path, nargs="?", default=SHIPPED, help="a model file (default: %(default)s)"
    )


def _add_options(command: ArgumentParser, names: Iterable[str]) -> None:
    """Add the flags of some options. Only those that are given end up among the arguments."""
    defaults = {field.name: field.default for field in fields(TrainingConfig)}
    for name in names:
        option, default = options()[name], defaults[name]
        how: dict[str, Any] = {"action": BooleanOptionalAction}
        if option.kind is not bool:
            how = {"type": option.kind, "metavar": "|".join(NAMES.get(name, ())) or None}
        has_default = default is not None and default is not False
        about = f"{option.help} (default: {default})" if has_default else option.help
        command.add_argument(flag(name), default=SUPPRESS, help=about, **how)
