"""`fashion-train` and `python -m training`."""

import logging
import os
import sys
import warnings
from importlib.util import find_spec
from typing import Final

EXTRA: Final = ("tensorflow", "sklearn", "rich", "matplotlib")


def main() -> int:
    """Run the command line; return its exit code."""
    missing = [name for name in EXTRA if find_spec(name) is None]
    if missing:
        print(
            f"fashion-train: Training needs {', '.join(missing)}, which serving does not: "
            "install them with `pip install 'fashion-mnist-serving[training]'`.",
            file=sys.stderr,
        )
        return 2
    from training import cli

    hide_library_noise()
    return cli.main()


def hide_library_noise() -> None:
    """Let only what this program says reach standard error, for the rest of the process.

    TensorFlow's C++ code writes to file descriptor 2, whatever its own settings say. So that
    leads nowhere from now on, and `sys.stderr` gets the terminal under another number.
    """
    sys.stderr = os.fdopen(os.dup(2), "w", buffering=1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    logging.disable(logging.WARNING)
    warnings.simplefilter("ignore")


if __name__ == "__main__":
    sys.exit(main())
