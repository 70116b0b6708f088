"""Draws a reliability diagram: the share of right predictions by confidence."""

from collections.abc import Mapping
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from service.fashion_mnist import Rows
from training.confidence.calibration import BINS, calibration_error, reliability
from training.data.dataset import Allowed
from training.evaluation.evaluate import Predictions


def draw_reliability(predicted: Mapping[str, tuple[Predictions, Allowed]], target: Path) -> None:
    """Write a PNG with two panels for each kind of picture: before and after calibration.

    Each kind has its predictions and the classes that are right, bool[n, 10].
    """
    panels: dict[str, tuple[Rows, Allowed]] = {}
    for kind, (predictions, allowed) in predicted.items():
        panels[f"{kind}, as the network answers"] = predictions.uncalibrated, allowed
        panels[f"{kind}, calibrated"] = predictions.probabilities, allowed
    draw(panels, target)


def draw(panels: Mapping[str, tuple[Rows, Allowed]], target: Path) -> None:
    """Write a PNG with a panel of probabilities float32[n, 10] and right classes for each title.

    Bars on the diagonal mean that confidence is the chance of being right. Dots show the share of
    the pictures in each bin.
    """
    figure = Figure(figsize=(3.6 * len(panels), 3.8), layout="constrained")
    every = figure.subplots(1, len(panels), squeeze=False, sharey=True)[0]
    for axes, (title, (probabilities, allowed)) in zip(every, panels.items(), strict=True):
        error = calibration_error(probabilities, allowed)
        _panel(axes, reliability(probabilities, allowed))
        axes.set_title(f"{title}\ncalibration error {error:.3f}", fontsize=10)
    every[0].set_ylabel("share of right answers")
    figure.savefig(target, format="png")


def _panel(axes: Axes, bins: list[tuple[float, float, float]]) -> None:
    shares, confidences, accuracies = zip(*bins, strict=True)
    places = [(min(int(one * BINS), BINS - 1) + 0.5) / BINS for one in confidences]
    axes.bar(places, accuracies, width=0.94 / BINS, color="tab:blue")
    axes.plot([0, 1], [0, 1], color="black", linewidth=1, linestyle="--")
    axes.plot(places, shares, ".", color="tab:orange")
    axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="confidence")
