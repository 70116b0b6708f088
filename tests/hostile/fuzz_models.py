"""Fuzzes the examiner with randomly damaged copies of the shipped model.

`python -m tests.hostile.fuzz_models 3600` runs for an hour and prints its progress. The exit
code is 1 if a damaged file led to anything but a model or a refusal.
"""

import os
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import h5py

from service.errors import ModelRefused
from service.model.examined import ExaminedModel
from service.model_file.examiner import ExaminerLimits, examine

SHIPPED = Path(__file__).parents[2] / "models" / "best-model.h5"

SECONDS = 60
LIMITS = ExaminerLimits(seconds=20, own_seconds=5)


class Mutants:
    """Yields copies of the shipped file with a few bytes changed, the same for each seed.

    Half of them have changes in the HDF5 metadata, half in the graph.
    """

    def __init__(self, seed):
        self._random = random.Random(seed)
        self._good = SHIPPED.read_bytes()
        self._places = _places()

    def __iter__(self):
        return self

    def __next__(self):
        mutant = bytearray(self._good)
        places = self._random.choice(self._places)
        for _ in range(self._random.choice([1, 1, 2, 4, 8, 32])):
            mutant[self._random.choice(places)] = self._random.choice(
                [0, 1, 0x7F, 0x80, 0xFF, self._random.randrange(256)]
            )
        return bytes(mutant)


def _places():
    """Return the offsets of the HDF5 metadata, and those of the graph's structure."""
    metadata, graph = set(range(SHIPPED.stat().st_size)), []

    def look(name, item):
        if isinstance(item, h5py.Dataset):
            start, size = item.id.get_offset(), item.id.get_storage_size()
            metadata.difference_update(range(start, start + size))
            if name.endswith("/graph"):
                # The weights in the middle would take nearly all changes.
                graph.extend(
                    [*range(start, start + 2048), *range(start + size - 4096, start + size)]
                )

    with h5py.File(SHIPPED) as opened:
        opened.visititems(look)
    return [sorted(metadata), graph]


def outcome(data, folder):
    """Have the examiner open a file of these bytes; return the outcome in a few words."""
    path = Path(folder) / "mutant.h5"
    path.write_bytes(data)
    try:
        ExaminedModel.from_bytes(examine(path, LIMITS))
    except ModelRefused as refusal:
        return _kind(str(refusal))
    return "serves"


def _kind(sentence):
    """Return the kind of a refusal."""
    kinds = {
        "(SIG": "refused: the child crashed",
        "took": "refused: the child took too long",
        "process failed": "refused: the child failed",
        "memory": "refused: too much memory",
    }
    return next((kind for word, kind in kinds.items() if word in sentence), "refused by a check")


def main(seconds=SECONDS, seed=None):
    """Fuzz for some seconds; return the exit code."""
    seed = int.from_bytes(os.urandom(4), "big") if seed is None else seed
    print(f"seed {seed}, {seconds} s", flush=True)
    outcomes, slowest = Counter(), 0.0
    ends = shown = time.monotonic()
    ends += seconds
    with tempfile.TemporaryDirectory() as folder:
        for data in Mutants(seed):
            started = time.monotonic()
            try:
                outcomes[outcome(data, folder)] += 1
            except Exception as error:
                kept = Path(f"fuzz-model-{seed}-{outcomes.total()}.h5")
                kept.write_bytes(data)
                print(f"{kept} led to {error!r}")
                return 1
            now = time.monotonic()
            slowest = max(slowest, now - started)
            if now - shown > 10 or now > ends:
                shown = now
                print(f"{outcomes.total()} mutants, {dict(outcomes)}, {slowest:.1f} s", flush=True)
            if now > ends:
                return 0
    return 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
