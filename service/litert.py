"""LiteRT, the runtime for compiled graphs."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any, Final

from ai_edge_litert.interpreter import Interpreter

_STDERR_LOCK: Final = Lock()
"""Redirecting stderr is not re-entrant: two overlapping calls would leave it on /dev/null."""


def open_graph(graph: bytes) -> Any:
    """Return an interpreter of a graph, to be used by one thread at a time.

    It computes in one thread: the fastest for networks this small, and workers do not compete for
    cores.

    Raises:
        ValueError: LiteRT cannot load the graph.
    """
    return Interpreter(model_content=graph, num_threads=1)


@contextmanager
def silence() -> Iterator[None]:
    """Discard what is written to standard error: LiteRT prints a greeting at the first load."""
    with _STDERR_LOCK:
        stderr = os.dup(2)
        devnull = os.open(os.devnull, os.O_WRONLY)
        os.dup2(devnull, 2)
        try:
            yield
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)
            os.close(devnull)
