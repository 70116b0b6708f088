"""The compiled graph of a model, run by LiteRT: rows in, answers out."""

from typing import Any, Final

import numpy as np

from service.errors import ModelRefused
from service.fashion_mnist import FITS, ROW, Rows
from service.litert import open_graph, silence
from service.model.confidence import CLASSES

WIDTHS: Final = range(CLASSES, CLASSES + len(FITS) + 1)
"""How many numbers an answer may have: ten probabilities, and the strangeness by route."""


class Classifier:
    """A graph that is loaded and has answered once, so the first user does not pay for that.

    One call at a time: an instance belongs to one thread. An answer has `width` numbers.

    Raises:
        ModelRefused: the engine cannot load the graph, or it is not float32[n, 784] to
            float32[n, 10 to 12].
    """

    def __init__(self, graph: bytes) -> None:
        try:
            with silence():
                self._engine = open_graph(graph)
                self._input, self._output = _ends(self._engine)
                self._size = 0
                self.width = self.answer(np.zeros((1, ROW), np.float32)).shape[1]
        except (ValueError, RuntimeError) as error:
            raise ModelRefused(f"the compiled graph does not load: {error}") from error

    def probabilities(self, rows: Rows) -> Rows:
        """Return float32[n, 10], the softmax of each row, for float32[n, 784] in [0, 1]."""
        return self.answer(rows)[:, :CLASSES]

    def answer(self, rows: Rows) -> Rows:
        """Return float32[n, width], the softmax of each row and then its strangeness by route."""
        if len(rows) != self._size:
            self._engine.resize_tensor_input(self._input, [len(rows), ROW])
            self._engine.allocate_tensors()
            self._size = len(rows)
        self._engine.set_tensor(self._input, rows)
        self._engine.invoke()
        answer: Rows = self._engine.get_tensor(self._output)
        return answer


def _ends(engine: Any) -> tuple[int, int]:
    """Return the indexes of the graph's one input and one output."""
    inputs, outputs = engine.get_input_details(), engine.get_output_details()
    for tensors, widths in ((inputs, (ROW,)), (outputs, WIDTHS)):
        found = [(t["dtype"].__name__, [int(n) for n in t["shape_signature"]]) for t in tensors]
        if found not in [[("float32", [-1, width])] for width in widths]:
            wanted = " or ".join(map(str, widths))
            raise ValueError(f"expected one tensor float32[n, {wanted}], found {found}")
    return inputs[0]["index"], outputs[0]["index"]
