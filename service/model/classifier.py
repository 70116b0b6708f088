"""Runs a model's compiled graph with LiteRT."""

from typing import Any, Final

import numpy as np

from service.errors import ModelRefused
from service.fashion_mnist import FITS, ROW, Rows
from service.litert import open_graph, silence
from service.model.confidence import CLASSES

WIDTHS: Final = range(CLASSES, CLASSES + len(FITS) + 1)
"""Allowed output widths: ten probabilities, and up to one out-of-distribution score per fit."""


class Classifier:
    """A loaded graph, warmed up by a first call so that no request pays for it.

    An instance is for one thread at a time. `width` is the width of its output.

    Raises:
        ModelRefused: LiteRT cannot load the graph, or it is not float32[n, 784] to
            float32[n, 10 to 12].
    """

    def __init__(self, graph: bytes) -> None:
        try:
            with silence():
                self._interpreter = open_graph(graph)
                self._input, self._output = _tensor_indexes(self._interpreter)
                self._batch_size = 0
                self.width = self.predict(np.zeros((1, ROW), np.float32)).shape[1]
        except (ValueError, RuntimeError) as error:
            raise ModelRefused(f"the compiled graph does not load: {error}") from error

    def probabilities(self, rows: Rows) -> Rows:
        """Return float32[n, 10], the softmax of each row, for float32[n, 784] in [0, 1]."""
        return self.predict(rows)[:, :CLASSES]

    def predict(self, rows: Rows) -> Rows:
        """Return float32[n, width]: each row's probabilities and out-of-distribution scores."""
        if len(rows) != self._batch_size:
            self._interpreter.resize_tensor_input(self._input, [len(rows), ROW])
            self._interpreter.allocate_tensors()
            self._batch_size = len(rows)
        self._interpreter.set_tensor(self._input, rows)
        self._interpreter.invoke()
        output: Rows = self._interpreter.get_tensor(self._output)
        return output


def _tensor_indexes(interpreter: Any) -> tuple[int, int]:
    """Return the indexes of the graph's input and output."""
    inputs, outputs = interpreter.get_input_details(), interpreter.get_output_details()
    for tensors, widths in ((inputs, (ROW,)), (outputs, WIDTHS)):
        found = [(t["dtype"].__name__, [int(n) for n in t["shape_signature"]]) for t in tensors]
        if found not in [[("float32", [-1, width])] for width in widths]:
            allowed = " or ".join(map(str, widths))
            raise ValueError(f"expected one tensor float32[n, {allowed}], found {found}")
    return inputs[0]["index"], outputs[0]["index"]
