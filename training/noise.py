"""Keeps what libraries say to themselves off the user's terminal."""

import logging
import os
import sys
import warnings


def hide_library_noise() -> None:
    """Let only what this program says reach standard error, for the rest of the process.

    TensorFlow's C++ code writes to file descriptor 2, whatever its own settings say. So that
    leads nowhere from now on, and `sys.stderr` gets the terminal under another number.
    """
    sys.stderr = os.fdopen(os.dup(2), "w", buffering=1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    logging.disable(logging.WARNING)
    warnings.simplefilter("ignore")
