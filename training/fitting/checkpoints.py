"""What a training leaves behind after each epoch, so that a later one can go on from there.

Keras's own `BackupAndRestore` forgets the chance state of Dropout, so a resumed training would end
elsewhere. This keeps every variable, and where early stopping stands.
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
from training.fitting.weight_average import Average

STANDING: Final = ("wait", "best", "best_epoch", "stopped_epoch")
"""What early stopping knows besides the best weights."""

Array = npt.NDArray[Any]


class ResumeRefused(FashionError):
    """A training that cannot be gone on with; the message says why and what to do."""


class StateFolder:
    """The folder beside an output file where an unfinished training keeps its state."""

    def __init__(self, output: Path) -> None:
        self.path = output.with_name(f"{output.name}.state")
        self.snapshot = self.path / "snapshot.npz"
        self.candidate = self.path / "snapshot.npz.new"
        self.best = self.path / "best.keras"

    def start(self) -> None:
        """Make an empty folder for a new training.

        Raises:
            OSError: the folder cannot be written.
        """
        self.clear()
        self.path.mkdir(parents=True, exist_ok=True)

    def clear(self) -> None:
        """Remove what a training left here, and the folder unless something else is in it."""
        for file in (self.snapshot, self.candidate, self.best):
            file.unlink(missing_ok=True)
        with suppress(OSError):
            self.path.rmdir()


class Snapshots(keras.callbacks.Callback):  # type: ignore[misc]  # Keras ships no types
    """Writes a snapshot after each epoch, and puts one back before a training goes on.

    `identity` says what decides the weights: a snapshot of anything else is not gone on with.
    Stands after `stopper` and `average` in the list of callbacks: it keeps where they stand too.
    """

    def __init__(
        self,
        folder: StateFolder,
        identity: dict[str, Any],
        stopper: keras.callbacks.EarlyStopping,
        average: Average,
    ) -> None:
        super().__init__()
        self._folder = folder
        self._identity = identity
        self._stopper = stopper
        self._average = average
        self._saved: dict[str, Array] = {}

    @property
    def best(self) -> float | None:
        """Return the best figure watched in the epochs that are done, None before the first."""
        return float(self._saved["best"]) if self._saved else None

    def begin(self, model: keras.Model, epochs: int, resume: bool) -> range:
        """Return the epochs to do: all, or those that the restored training had left.

        Raises:
            ResumeRefused: there is no snapshot, it cannot be read, or it is of another training.
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
        """Let early stopping stand where it stood: Keras has just set it back."""
        if self._saved:
            for name in STANDING:
                setattr(self._stopper, name, self._saved[name].item())
            self._stopper.best_weights = _list(self._saved, "best_weights")

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Write the snapshot beside the last one, then put it in its place: never half of one."""
        parts: dict[str, Any] = {name: getattr(self._stopper, name) for name in STANDING}
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
                f"The training in {self._folder.path} was begun with other {', '.join(changed)}: "
                "go on with the same, or leave out --resume to train from the start."
            )
        return saved


def _numbered(name: str, values: Sequence[Any]) -> dict[str, Array]:
    return {f"{name}_{index}": np.asarray(value) for index, value in enumerate(values)}


def _list(saved: dict[str, Array], name: str) -> list[Array]:
    return [saved[key] for key in saved if key.rpartition("_")[0] == name]


def _assign(variables: Sequence[keras.Variable], values: Sequence[Array]) -> None:
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
