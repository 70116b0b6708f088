"""Where in a photograph the garment is, as a small network sees it.

The network, `segmenter.tflite` beside this file, is a U-Net (Ronneberger, Fischer, Brox,
arXiv:1505.04597) that `fashion-train segmenter` makes from photographs of clothes alone.
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
"""Pixels of each side that the network sees: a garment is drawn with 28, and 2 ms is enough."""

GRAPH: Final = Path(__file__).with_suffix(".tflite")


def segment(colour: Colour) -> Numbers:
    """Return how likely each pixel is the garment's, float32[height, width] from 0 to 1.

    Takes a photograph of any size, uint8[height, width, 3]; the same one gives the same answer.
    """
    height, width = colour.shape[:2]
    likely = Image.fromarray(_engine.answer(seen(colour)))
    return np.asarray(likely.resize((width, height), Resampling.BILINEAR))


def seen(colour: Colour) -> Colour:
    """Return what the network sees of a photograph: uint8[64, 64, 3], whatever its proportions."""
    return np.asarray(Image.fromarray(colour).resize((SEEN, SEEN), Resampling.BOX))


class _Engine(local):
    """The network opened, once for each thread that asks: an interpreter belongs to one."""

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
