"""A first look at a data set: counts, and a picture of each class."""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from service.fashion_mnist import CLASS_NAMES
from training.data.dataset import FashionData, Pictures


def describe(data: FashionData) -> str:
    """Return shapes, value ranges and the number of pictures of each class, as text."""
    lines = [f"The {data.name} Fashion-MNIST data"]
    lines += [_shapes("train", data.train), _shapes("test", data.test), ""]
    lines += [f"{'label':>5}  {'class':<12}{'train':>8}{'test':>8}"]
    train, test = (np.bincount(part.labels, minlength=10) for part in (data.train, data.test))
    for label, name in enumerate(CLASS_NAMES):
        lines.append(f"{label:>5}  {name:<12}{train[label]:>8}{test[label]:>8}")
    return "\n".join(lines)


def draw(pictures: Pictures, target: Path) -> None:
    """Write a PNG with the first picture of each class."""
    figure = Figure(figsize=(10, 4.5), layout="constrained")
    for label, (name, axes) in enumerate(zip(CLASS_NAMES, figure.subplots(2, 5).flat, strict=True)):
        first = int(np.flatnonzero(pictures.labels == label)[0])
        axes.imshow(pictures.pixels[first], cmap="gray", vmin=0, vmax=255)
        axes.set_title(f"{label}: {name}")
        axes.set_axis_off()
    figure.savefig(target, format="png")


def _shapes(name: str, part: Pictures) -> str:
    pixels, labels = part.pixels, part.labels
    return (
        f"{name + ':':<7}pictures {pixels.dtype}{list(pixels.shape)} from {pixels.min()} to "
        f"{pixels.max()}, labels {labels.dtype}{list(labels.shape)} from {labels.min()} to "
        f"{labels.max()}"
    )
