"""What a person sees while a network learns: one bar per epoch."""

from typing import Any, Final

import keras
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

# Steps take a millisecond: looking at every one would slow them down.
STEPS_BETWEEN_LOOKS: Final = 50


def progress_bars(quiet: bool) -> Progress:
    """Return the display, on standard error; it shows nothing when `quiet`."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=8),
        TextColumn("{task.fields[figures]}"),
        TimeRemainingColumn(elapsed_when_finished=True),
        console=Console(stderr=True),
        disable=quiet,
    )


class EpochBars(keras.callbacks.Callback):  # type: ignore[misc]  # Keras ships no types
    """Shows how far each epoch is, loss and accuracy, the validation figures, and the time left."""

    def __init__(self, bars: Progress, epochs: int) -> None:
        super().__init__()
        self._bars = bars
        self._epochs = epochs
        self._task = TaskID(0)

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Add the bar of an epoch."""
        name = f"epoch {epoch + 1}/{self._epochs}"
        self._task = self._bars.add_task(name, total=self.params["steps"], figures="")

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Move the bar on, now and then."""
        if batch % STEPS_BETWEEN_LOOKS == 0:
            self._bars.update(self._task, completed=batch, figures=_figures(logs))

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Fill the bar, and add the validation figures."""
        self._bars.update(self._task, completed=self.params["steps"], figures=_figures(logs))


def _figures(logs: Any) -> str:
    """Return the figures, short enough for a line of 80 characters."""
    text = f"loss {logs['loss']:.3f}, accuracy {logs['accuracy']:.3f}"
    if "val_loss" in logs:
        text += f"; validation {logs['val_loss']:.3f}, {logs['val_accuracy']:.3f}"
    return text
