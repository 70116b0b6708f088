"""The segmenter: a small network that learns from photographs alone where the garment is.

Nobody drew masks for it. It learns from those of GrabCut, of which nine in ten are good: what is
wrong with the others is different each time, and so is not learned. And it learns from garments
laid elsewhere. Going on with its own masks makes it worse: it learns its own mistakes by heart.
"""

import os
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Final

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from service.errors import FashionError
from service.images.files.decode import open_image, to_colour
from service.images.photograph.foreground import cut_out, largest_pieces
from service.images.photograph.segmenter import SEEN, seen
from training.photographs.folder import Photograph, PhotographsRefused
from training.photographs.variations import AT_A_TIME, MAX_PIXELS, PROCESSES
from training.progress import EpochBars, progress_bars
from training.publish import check_output
from training.segmenter.copy_paste import Scene, make_scenes

WIDTHS: Final = (24, 40, 64, 80)
"""Filters of the convolutions; each level sees the picture half as large as the one before."""

GARMENT: Final = (0.08, 0.85)
"""Shares of a picture between which a mask may be a garment's: GrabCut lost it, or found all."""

WAYS: Final = 12
"""How many scenes are made of each photograph."""

EPOCHS: Final = 4
"""Passes over them."""

BATCH: Final = 64
RATE: Final = 0.003
DECAY: Final = 0.01
JUDGED: Final = 0.05
"""Share of the scenes that are kept aside, to see how far it got: of the same photographs."""


def make_segmenter(
    photographs: Sequence[Photograph], output: Path, seed: int, quiet: bool
) -> float:
    """Learn from photographs of any clothes, write the graph, return the share of right pixels.

    Raises:
        OutputRefused: the graph cannot be written there.
        PhotographsRefused: in none of them there is anything that may be a garment.
    """
    check_output(output, ".tflite")
    known = list(_cut_all(photographs, quiet))
    if not known:
        raise PhotographsRefused("In none of the photographs a garment was found to begin with.")
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()
    network = build()
    right = fit(network, known, seed, quiet)
    graph = compile_segmenter(network)
    with tempfile.TemporaryDirectory(dir=output.parent, prefix=f".{output.name}.") as folder:
        candidate = Path(folder) / output.name
        candidate.write_bytes(graph)
        os.replace(candidate, output)
    return right


def build() -> keras.Model:
    """Return a U-Net, float32[n, 64, 64, 3] from 0 to 255 to float32[n, 64, 64, 1] from 0 to 1.

    (Ronneberger, Fischer, Brox, arXiv:1505.04597.) It begins with half the pixels of each side and
    tells at the end of four pixels at each place, which costs a quarter.
    """
    from keras import layers

    picture = keras.Input((SEEN, SEEN, 3), name="picture")
    found = _convolution(layers.Rescaling(1 / 127.5, -1)(picture), WIDTHS[0], strides=2)
    levels = []
    for width in WIDTHS[:-1]:
        levels.append(_convolution(_convolution(found, width), width))
        found = layers.MaxPooling2D()(levels[-1])
    found = _convolution(_convolution(found, WIDTHS[-1]), WIDTHS[-1])
    for width, level in zip(WIDTHS[-2::-1], levels[::-1], strict=True):
        larger = layers.UpSampling2D()(_convolution(found, width))
        found = _convolution(layers.Concatenate()([larger, level]), width)
    half = SEEN // 2
    four = layers.Reshape((half, half, 2, 2))(layers.Conv2D(4, 1)(found))
    whole = layers.Reshape((SEEN, SEEN, 1))(layers.Permute((1, 3, 2, 4))(four))
    return keras.Model(picture, layers.Activation("sigmoid")(whole), name="segmenter")


def _convolution(given: keras.KerasTensor, width: int, strides: int = 1) -> keras.KerasTensor:
    from keras import layers

    found = layers.Conv2D(width, 3, strides, padding="same", use_bias=False)(given)
    return layers.ReLU()(layers.BatchNormalization(momentum=0.9)(found))


def fit(network: keras.Model, known: Sequence[Scene], seed: int, quiet: bool) -> float:
    """Let the network learn from scenes made of those known; return the share of right pixels."""
    pictures, masks = make_scenes(known, WAYS, seed)
    judged = max(1, round(JUDGED * len(pictures)))
    steps = EPOCHS * -(-(len(pictures) - judged) // BATCH)
    rate = keras.optimizers.schedules.CosineDecay(RATE, steps)
    optimizer = keras.optimizers.AdamW(rate, weight_decay=DECAY)
    network.compile(optimizer, "binary_crossentropy", metrics=["accuracy"])
    with progress_bars(quiet) as bars:
        history = network.fit(
            pictures[judged:],
            masks[judged:],
            batch_size=BATCH,
            epochs=EPOCHS,
            validation_data=(pictures[:judged], masks[:judged]),
            callbacks=[EpochBars(bars, EPOCHS)],
            verbose=0,
        )
    return float(history.history["val_accuracy"][-1])


def compile_segmenter(network: keras.Model) -> bytes:
    """Return the graph (LiteRT) float32[1, 64, 64, 3] to float32[1, 64, 64, 1]."""
    picture = keras.Input((SEEN, SEEN, 3), batch_size=1, name="picture")
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "segmenter.tflite"
        keras.Model(picture, network(picture)).export(target, format="litert", verbose=False)
        return target.read_bytes()


def _cut_all(photographs: Sequence[Photograph], quiet: bool) -> Iterator[Scene]:
    """Yield what GrabCut found, where that may be a garment."""
    with (
        progress_bars(quiet) as bars,
        ProcessPoolExecutor(PROCESSES, get_context("spawn")) as processes,
    ):
        task = bars.add_task("photographs", total=len(photographs), figures="")
        for scene in processes.map(_cut_one, photographs, chunksize=AT_A_TIME):
            bars.advance(task)
            if scene is not None and GARMENT[0] < scene.mask.mean() < GARMENT[1]:
                yield scene


def _cut_one(photograph: Photograph) -> Scene | None:
    try:
        image = open_image(photograph.path.read_bytes(), max_pixels=MAX_PIXELS)
        colour = to_colour(image).colour
    except FashionError:
        return None
    # Where it loses the garment, no mask is better than one of a second try.
    mask = largest_pieces(cut_out(colour, again=False))
    share: npt.NDArray[np.uint8] = mask.astype(np.uint8) * 255
    return Scene(seen(colour), seen(np.repeat(share[:, :, None], 3, axis=2))[:, :, 0] > 127)
