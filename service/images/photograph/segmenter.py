"""A small network that finds the garment in a photograph.

`segmenter.tflite` is a U-Net (Ronneberger, Fischer, Brox, arXiv:1505.04597). `fashion-train
segmenter` trains it on photographs of clothes.
"""

from functools import cache
from pathlib import Path
from threading import local
from typing import Final

import numpy as np
from PIL import Image
from PIL.Image import Resampling

from service.images.colour import Colour, Numbers
from service.litert import open_graph, silence

SEEN: Final = 64
"""Width and height of the network's input in pixels: enough for 28×28, and it takes 2 ms."""

GRAPH: Final = Path(__file__).with_suffix(".tflite")


def segment(colour: Colour) -> Numbers:
    """Return each pixel's probability of being garment, float32[height, width].

    Takes a photograph of any size, uint8[height, width, 3]. The result is deterministic.
    """
    height, width = colour.shape[:2]
    likely = Image.fromarray(_engine.answer(seen(colour)))
    return np.asarray(likely.resize((width, height), Resampling.BILINEAR))


def seen(colour: Colour) -> Colour:
    """Return a photograph as the network's input, uint8[64, 64, 3], stretched to a square."""
    return np.asarray(Image.fromarray(colour).resize((SEEN, SEEN), Resampling.BOX))


class _Engine(local):
    """The network, opened once per thread: an interpreter is not thread-safe."""

    _opened = False

    def answer(self, picture: Colour) -> Numbers:
        """Return float32[64, 64] for uint8[64, 64, 3]."""
        if not self._opened:
            with silence():
                self._network = open_graph(_graph())
                self._network.allocate_tensors()
            (taken,) = self._network.get_input_details()
            (given,) = self._network.get_output_details()
            self._taken, self._given = taken["index"], given["index"]
            self._opened = True
        self._network.set_tensor(self._taken, picture[None].astype(np.float32))
        self._network.invoke()
        answer: Numbers = self._network.get_tensor(self._given)
        return answer[0, :, :, 0]


@cache
def _graph() -> bytes:
    return GRAPH.read_bytes()


_engine: Final = _Engine()
