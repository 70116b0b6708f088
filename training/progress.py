"""Progress bars on standard error."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final, TypeVar

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

if TYPE_CHECKING:
    import keras

Item = TypeVar("Item")

STEPS_BETWEEN_UPDATES: Final = 50
"""A step can take a millisecond; an update after each would slow training down."""


def progress_bars(quiet: bool) -> Progress:
    """Return bars that show nothing when `quiet`; add tasks with the field `figures`."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=8),
        TextColumn("{task.fields[figures]}"),
        TimeRemainingColumn(elapsed_when_finished=True),
        console=Console(stderr=True),
        disable=quiet,
    )


def track(items: Iterable[Item], count: int, name: str, quiet: bool) -> Iterator[Item]:
    """Yield items while a bar of that name counts them."""
    with progress_bars(quiet) as bars:
        task = bars.add_task(name, total=count, figures="")
        for item in items:
            yield item
            bars.advance(task)


def epoch_bars(bars: Progress, epochs: int, steps: int) -> keras.callbacks.Callback:
    """Return a Keras callback with a bar for each epoch of `steps`: losses, accuracies, time."""
    from keras.callbacks import LambdaCallback

    task = TaskID(0)

    def begin(epoch: int, logs: Any) -> None:
        nonlocal task
        task = bars.add_task(f"epoch {epoch + 1}/{epochs}", total=steps, figures="")

    def step(batch: int, logs: Any) -> None:
        if batch % STEPS_BETWEEN_UPDATES == 0:
            bars.update(task, completed=batch, figures=_figures(logs))

    def end(epoch: int, logs: Any) -> None:
        bars.update(task, completed=steps, figures=_figures(logs))

    return LambdaCallback(on_epoch_begin=begin, on_train_batch_end=step, on_epoch_end=end)


def _figures(logs: Any) -> str:
    """Return the figures, short enough for a line of 80 characters."""
    text = f"loss {logs['loss']:.3f}, accuracy {logs['accuracy']:.3f}"
    if "val_loss" in logs:
        text += f"; validation {logs['val_loss']:.3f}, {logs['val_accuracy']:.3f}"
    return text
