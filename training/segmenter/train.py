"""Trains the segmenter, a small network that finds the garment in a photograph.

It needs no hand-drawn masks. It is trained on GrabCut's, and on garments pasted onto other
backgrounds. Nine in ten of GrabCut's masks are good, and the others are wrong in different ways.
Training again on its own masks makes it worse.
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
from training.photographs.variations import CHUNK, MAX_PIXELS, PROCESSES
from training.progress import epoch_bars, progress_bars, track
from training.publish import check_output
from training.segmenter.copy_paste import Scene, make_scenes

WIDTHS: Final = (24, 40, 64, 80)
"""Filters of the convolutions at each level; each level halves the picture."""

GARMENT: Final = (0.08, 0.85)
"""Range of the share of a picture that a garment covers: outside it, GrabCut has failed."""

WAYS: Final = 12
"""Scenes made from each photograph."""

EPOCHS: Final = 4
"""Passes over the scenes."""

BATCH: Final = 64
RATE: Final = 0.003
DECAY: Final = 0.01
VALIDATION: Final = 0.05
"""Share of the scenes kept for validation; they show the same photographs."""


def make_segmenter(
    photographs: Sequence[Photograph], output: Path, seed: int, quiet: bool
) -> float:
    """Train on photographs of any clothes, write the graph, and return the pixel accuracy.

    Raises:
        OutputRefused: the graph cannot be written.
        PhotographsRefused: GrabCut finds no garment in any of the photographs.
    """
    check_output(output, ".tflite")
    known = list(_cut_all(photographs, quiet))
    if not known:
        raise PhotographsRefused("No garment was found in any of the photographs.")
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()
    network = build()
    accuracy = fit(network, known, seed, quiet)
    graph = compile_segmenter(network)
    with tempfile.TemporaryDirectory(dir=output.parent, prefix=f".{output.name}.") as folder:
        candidate = Path(folder) / output.name
        candidate.write_bytes(graph)
        os.replace(candidate, output)
    return accuracy


def build() -> keras.Model:
    """Return a U-Net, float32[n, 64, 64, 3] from 0 to 255 to float32[n, 64, 64, 1] from 0 to 1.

    (Ronneberger, Fischer, Brox, arXiv:1505.04597.) The first convolution has stride 2, and the last
    one predicts four pixels at each place, which takes a quarter of the time.
    """
    from keras import layers

    picture = keras.Input((SEEN, SEEN, 3), name="picture")
    tensor = _convolution(layers.Rescaling(1 / 127.5, -1)(picture), WIDTHS[0], strides=2)
    levels = []
    for width in WIDTHS[:-1]:
        levels.append(_convolution(_convolution(tensor, width), width))
        tensor = layers.MaxPooling2D()(levels[-1])
    tensor = _convolution(_convolution(tensor, WIDTHS[-1]), WIDTHS[-1])
    for width, level in zip(WIDTHS[-2::-1], levels[::-1], strict=True):
        larger = layers.UpSampling2D()(_convolution(tensor, width))
        tensor = _convolution(layers.Concatenate()([larger, level]), width)
    half = SEEN // 2
    four = layers.Reshape((half, half, 2, 2))(layers.Conv2D(4, 1)(tensor))
    whole = layers.Reshape((SEEN, SEEN, 1))(layers.Permute((1, 3, 2, 4))(four))
    return keras.Model(picture, layers.Activation("sigmoid")(whole), name="segmenter")


def _convolution(tensor: keras.KerasTensor, width: int, strides: int = 1) -> keras.KerasTensor:
    from keras import layers

    convolved = layers.Conv2D(width, 3, strides, padding="same", use_bias=False)(tensor)
    return layers.ReLU()(layers.BatchNormalization(momentum=0.9)(convolved))


def fit(network: keras.Model, known: Sequence[Scene], seed: int, quiet: bool) -> float:
    """Train on scenes made from the known ones; return the pixel accuracy of validation."""
    pictures, masks = make_scenes(known, WAYS, seed)
    held_out = max(1, round(VALIDATION * len(pictures)))
    steps = -(-(len(pictures) - held_out) // BATCH)
    rate = keras.optimizers.schedules.CosineDecay(RATE, EPOCHS * steps)
    optimizer = keras.optimizers.AdamW(rate, weight_decay=DECAY)
    network.compile(optimizer, "binary_crossentropy", metrics=["accuracy"])
    with progress_bars(quiet) as bars:
        history = network.fit(
            pictures[held_out:],
            masks[held_out:],
            batch_size=BATCH,
            epochs=EPOCHS,
            validation_data=(pictures[:held_out], masks[:held_out]),
            callbacks=[epoch_bars(bars, EPOCHS, steps)],
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
    """Yield the scenes in which GrabCut found something of a garment's size."""
    with ProcessPoolExecutor(PROCESSES, get_context("spawn")) as processes:
        scenes = processes.map(_cut_one, photographs, chunksize=CHUNK)
        for scene in track(scenes, len(photographs), "photographs", quiet):
            if scene is not None and GARMENT[0] < scene.mask.mean() < GARMENT[1]:
                yield scene


def _cut_one(photograph: Photograph) -> Scene | None:
    try:
        image = open_image(photograph.path.read_bytes(), max_pixels=MAX_PIXELS)
        colour = to_colour(image).colour
    except FashionError:
        return None
    # No second try: where the first one loses the garment, no mask is better than a bad one.
    mask = largest_pieces(cut_out(colour, again=False))
    share: npt.NDArray[np.uint8] = mask.astype(np.uint8) * 255
    return Scene(seen(colour), seen(np.repeat(share[:, :, None], 3, axis=2))[:, :, 0] > 127)
