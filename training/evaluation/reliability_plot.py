"""Draws how often a network is right against how sure it is: what it knows about itself."""

from collections.abc import Mapping
from pathlib import Path

import keras
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from service.fashion_mnist import Fit, Rows
from service.model.confidence import scale_by_temperature
from service.model.facts import ConfidenceFacts
from training.confidence.calibration import BINS, calibration_error, reliability
from training.data.dataset import Allowed, Named
from training.predict import answers


def draw_calibration(
    model: keras.Model, facts: ConfidenceFacts | None, known: Mapping[Fit, Named], target: Path
) -> None:
    """Write a PNG of a network's answers to pictures of each route, as it gives and tells them."""
    learned = facts.learned() if facts else {}
    panels: dict[str, tuple[Rows, Allowed]] = {}
    for route, named in known.items():
        own = answers(model, named.pixels)
        temperature = learned.get(route, facts.exact).temperature if facts else 1
        panels[f"{route}, as the network answers"] = own, named.allowed
        panels[f"{route}, calibrated"] = scale_by_temperature(own, temperature), named.allowed
    draw(panels, target)


def draw(panels: Mapping[str, tuple[Rows, Allowed]], target: Path) -> None:
    """Write a PNG with a panel for each set of answers, by its title.

    Each is float32[n, 10] with the classes that are right, bool[n, 10]. A bar on the diagonal is a
    confidence that is the chance of being right; the dots say how many pictures are in the bin.
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
    shares, sure, right = zip(*bins, strict=True)
    places = [(min(int(one * BINS), BINS - 1) + 0.5) / BINS for one in sure]
    axes.bar(places, right, width=0.94 / BINS, color="tab:blue")
    axes.plot([0, 1], [0, 1], color="black", linewidth=1, linestyle="--")
    axes.plot(places, shares, ".", color="tab:orange")
    axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="confidence")
