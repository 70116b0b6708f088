"""`fashion-train` and `python -m training`."""

import logging
import os
import sys
import warnings
from typing import Final

EXTRA: Final = ("tensorflow", "keras", "sklearn", "scipy", "rich", "matplotlib")
"""Modules of the extra `training`; a command fails only if it needs a missing one."""


def main() -> int:
    """Run the command line; return its exit code."""
    from training import cli

    hide_library_noise()
    try:
        return cli.main()
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing not in EXTRA:
            raise
        print(
            f"fashion-train: This command needs {missing}, which serving does not: install it "
            "with `pip install 'fashion-mnist-serving[training]'`.",
            file=sys.stderr,
        )
        return 2


def hide_library_noise() -> None:
    """Keep what libraries write off standard error, for the rest of the process.

    TensorFlow's C++ code writes to file descriptor 2, whatever its own settings say. So descriptor
    2 goes to /dev/null, and `sys.stderr` gets a duplicate of the old one.
    """
    sys.stderr = os.fdopen(os.dup(2), "w", buffering=1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    logging.disable(logging.WARNING)
    warnings.simplefilter("ignore")


if __name__ == "__main__":
    sys.exit(main())
