"""The engine that runs compiled graphs, LiteRT, and how to keep it from talking."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any, Final

from ai_edge_litert.interpreter import Interpreter

_ALONE: Final = Lock()
"""Of two in silence at once, the first to leave would bring the other's nowhere back for good."""


def open_graph(graph: bytes) -> Any:
    """Return an interpreter of a graph, for the one thread that calls it.

    One thread per call is the fastest for networks this small, and workers then do not fight for
    cores.

    Raises:
        ValueError: the engine cannot load the graph.
    """
    return Interpreter(model_content=graph, num_threads=1)


@contextmanager
def silence() -> Iterator[None]:
    """Send to nowhere what the engine prints to standard error: it greets at the first load."""
    with _ALONE:
        kept = os.dup(2)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            os.close(nowhere)
