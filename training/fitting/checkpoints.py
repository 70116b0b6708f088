"""Snapshots after each epoch, from which an interrupted training can resume.

Keras's `BackupAndRestore` does not keep the random state of Dropout, so a resumed training would
end with other weights. A snapshot holds every variable and the state of early stopping.
"""

import json
import os
import zipfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import keras
import numpy as np
import numpy.typing as npt

from service.errors import FashionError
from training.fitting.weight_average import WeightAverage

STOPPER_STATE: Final = ("wait", "best", "best_epoch", "stopped_epoch")
"""The attributes of Keras's early stopping besides the best weights."""

Array = npt.NDArray[Any]


class ResumeRefused(FashionError):
    """A training that cannot be resumed; the message says why and what to do."""


class StateFolder:
    """The folder next to an output file where an unfinished training keeps its state."""

    def __init__(self, output: Path) -> None:
        self.path = output.with_name(f"{output.name}.state")
        self.snapshot = self.path / "snapshot.npz"
        self.candidate = self.path / "snapshot.npz.new"
        self.best = self.path / "best.keras"

    def start(self) -> None:
        """Make the folder, without an earlier state.

        Raises:
            OSError: the folder cannot be written.
        """
        self.clear()
        self.path.mkdir(parents=True, exist_ok=True)

    def clear(self) -> None:
        """Remove the state, and the folder unless it holds something else."""
        for file in (self.snapshot, self.candidate, self.best):
            file.unlink(missing_ok=True)
        with suppress(OSError):
            self.path.rmdir()


class Snapshots(keras.callbacks.Callback):  # type: ignore[misc]  # Keras ships no types
    """Writes a snapshot after each epoch, and restores one when a training resumes.

    `identity` names all that decides the weights; a snapshot with another identity is refused.
    Comes after `stopper` and `average` in the list of callbacks, because it keeps their state too.
    """

    def __init__(
        self,
        folder: StateFolder,
        identity: dict[str, Any],
        stopper: keras.callbacks.EarlyStopping,
        average: WeightAverage,
    ) -> None:
        super().__init__()
        self._folder = folder
        self._identity = identity
        self._stopper = stopper
        self._average = average
        self._saved: dict[str, Array] = {}

    @property
    def best(self) -> float | None:
        """Return the best monitored figure of the restored epochs, None if there are none."""
        return float(self._saved["best"]) if self._saved else None

    def begin(self, model: keras.Model, epochs: int, resume: bool) -> range:
        """Return the epochs to train: all, or the remaining ones of a restored training.

        Raises:
            ResumeRefused: there is no snapshot, it cannot be read, or its identity is another.
        """
        if not resume:
            self._folder.start()
            return range(epochs)
        self._saved = self._read()
        model.optimizer.build(model.trainable_variables)
        _assign(model.variables, _list(self._saved, "model"))
        _assign(model.optimizer.variables, _list(self._saved, "optimizer"))
        _assign(self._average.variables, _list(self._saved, "average"))
        done = int(self._saved["epochs"])
        return range(done, done if self._saved["stopped_epoch"] else epochs)

    def on_train_begin(self, logs: Any = None) -> None:
        """Restore early stopping, which Keras has just reset."""
        if self._saved:
            for name in STOPPER_STATE:
                setattr(self._stopper, name, self._saved[name].item())
            self._stopper.best_weights = _list(self._saved, "best_weights")

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Write the snapshot to another file, then replace the last one: it is never incomplete."""
        parts: dict[str, Any] = {name: getattr(self._stopper, name) for name in STOPPER_STATE}
        parts |= _numbered("best_weights", self._stopper.best_weights)
        parts |= _numbered("model", self.model.variables)
        parts |= _numbered("optimizer", self.model.optimizer.variables)
        parts |= _numbered("average", self._average.variables)
        with self._folder.candidate.open("wb") as file:
            np.savez(file, identity=json.dumps(self._identity), epochs=epoch + 1, **parts)
        os.replace(self._folder.candidate, self._folder.snapshot)

    def _read(self) -> dict[str, Array]:
        path = self._folder.snapshot
        if not path.exists():
            raise ResumeRefused(
                f"There is nothing to resume: {path} does not exist. Leave out --resume to train "
                "from the start."
            )
        try:
            with path.open("rb") as file, np.load(file) as archive:
                saved = dict(archive)
            before = dict(json.loads(saved["identity"].item()))
        except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile) as error:
            raise ResumeRefused(
                f"{path} cannot be read ({error}): leave out --resume to train from the start."
            ) from error
        changed = [name for name in self._identity if self._identity[name] != before.get(name)]
        if changed:
            raise ResumeRefused(
                f"The training in {self._folder.path} had other values of {', '.join(changed)}: "
                "resume with the same, or leave out --resume to train from the start."
            )
        return saved


def _numbered(name: str, values: Sequence[Any]) -> dict[str, Array]:
    return {f"{name}_{index}": np.asarray(value) for index, value in enumerate(values)}


def _list(saved: dict[str, Array], name: str) -> list[Array]:
    return [saved[key] for key in saved if key.rpartition("_")[0] == name]


def _assign(variables: Sequence[keras.Variable], values: Sequence[Array]) -> None:
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
