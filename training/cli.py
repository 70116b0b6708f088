"""The command line of `fashion-train`; flags, ranges and help come from `TrainingConfig`."""

import sys
from argparse import SUPPRESS, ArgumentParser, BooleanOptionalAction
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Final, Literal, NoReturn, get_args, get_origin

from service.errors import FashionError
from training import commands
from training.options.config import SEGMENTER, SHIPPED, OptionRefused, TrainingConfig, flag
from training.options.optimizers import OPTIMIZERS, SCHEDULES
from training.options.recipes import RECIPES

NAMES: Final[dict[str, Iterable[str]]] = {
    "recipe": RECIPES,
    "optimizer": OPTIMIZERS,
    "schedule": SCHEDULES,
}
"""The tables whose names an option takes."""

COMPARABLE: Final = (
    *("recipe", "epochs", "patience", "batch_size"),
    *("validation_share", "seed", "data_dir"),
)
"""The options of `train` that `compare` uses for all of its trainings."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return 0, 2 after a mistake that the user can fix, or 130 after Ctrl-C."""
    try:
        given = vars(_parser().parse_args(arguments))
        given.pop("run")(**given)
    except FashionError as error:
        return _fail(str(error), 2)
    except OSError as error:
        return _fail(f"{error.filename or 'A file'} cannot be used: {error.strerror}.", 2)
    except KeyboardInterrupt:
        return _fail("Stopped; no model file was changed. `train --resume` continues.", 130)
    return 0


def _fail(sentence: str, code: int) -> int:
    print(f"fashion-train: {sentence}", file=sys.stderr)
    return code


class _Parser(ArgumentParser):
    """States in one sentence what is wrong with a command line, like every other error here."""

    def error(self, message: str) -> NoReturn:
        raise OptionRefused(f"{message[:1].upper()}{message[1:]}; see `{self.prog} --help`.")


def _parser() -> ArgumentParser:
    parser = _Parser(prog="fashion-train", description="Train classifiers on Fashion-MNIST.")
    subparsers = parser.add_subparsers(metavar="command", required=True)

    def add(run: Callable[..., None], help: str, names: Iterable[str] = ()) -> ArgumentParser:
        command = subparsers.add_parser(run.__name__, help=help, description=help)
        command.set_defaults(run=run)
        for name in names:
            _add_option(command, name)
        return command

    add(commands.train, "Train a network and write its model file.", TrainingConfig.model_fields)
    command = add(
        commands.segmenter,
        "Train the network that finds the garment in a photograph.",
        ["extra_data", "extra_mapping", "seed", "quiet"],
    )
    _add_output(command, SEGMENTER, "the graph to write")
    add(commands.compare, "Train every recipe with every optimizer: a table.", COMPARABLE)
    command = add(commands.explore, "Count the pictures of each class and draw ten.", ["data_dir"])
    _add_output(command, Path("explore.png"), "the PNG")
    command = add(
        commands.evaluate,
        "Measure a model file on the test set, and on photographs.",
        ["data_dir", "extra_data", "extra_mapping"],
    )
    command.add_argument("--json", dest="json_output", action="store_true", help="print JSON")
    command.add_argument("--plot", type=Path, help="a PNG to draw: accuracy by confidence")
    command.add_argument("--sheet", type=Path, help="a PNG to draw: photographs and predictions")
    _add_file(command)
    _add_file(add(commands.verify, "Compare a file's graph with Keras.", ["data_dir"]))
    _add_file(add(commands.summary, "Show the layers of a model file."))
    command = add(commands.convert, "Turn a plain Keras .h5 file into a model file.")
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


def _add_option(command: ArgumentParser, name: str) -> None:
    """Add the flag of an option. If it is not given, the arguments do not contain it."""
    field = TrainingConfig.model_fields[name]
    kind: Any = field.annotation
    how: dict[str, Any] = {"type": kind}
    if kind is bool:
        how = {"action": BooleanOptionalAction}
    elif get_origin(kind) is Literal:
        how = {"type": str, "metavar": "|".join(get_args(kind))}
    elif name in NAMES:
        how["metavar"] = "|".join(NAMES[name])
    elif Path in get_args(kind):
        how = {"type": Path}
    about = field.description or ""
    if field.default is not None and field.default is not False:  # 0.0 equals False
        about += f" (default: {field.default})"
    command.add_argument(flag(name), default=SUPPRESS, help=about, **how)
