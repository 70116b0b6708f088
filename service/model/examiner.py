"""The child process that opens a model file, under limits, and hands facts and graph over.

A few changed bytes in an HDF5 file can crash the library that reads it, or make it loop for ever,
and no `except` helps against that. So a file is opened only in a child of its own: the process
that answers requests never reads one. This module is the way in (`examine`) and the child's
command (`python -m service.model.examiner`); both need the standard library alone.
"""

import os
import resource
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from service.errors import ModelRefused

MIB: Final = 2**20
REFUSED: Final = 3
"""Exit code of a child that found something wrong; its output is then the sentence."""


@dataclass(frozen=True)
class Limits:
    """What the child may use.

    A file of ours needs about 300 MiB of address space and a tenth of a second; a plain Keras
    file needs TensorFlow, which takes 2 to 4 GiB and some ten seconds.
    """

    seconds: int = 120
    memory_mib: int = 768
    keras_memory_mib: int = 6144


def examine(path: Path, limits: Limits = Limits()) -> bytes:
    """Open a model file in a child process and return what `ExaminedModel.from_bytes` unpacks.

    Raises:
        ModelRefused: the file may not serve; the sentence names it and the reason.
    """
    command = [sys.executable, "-m", "service.model.examiner", str(path)]
    command += [str(limits.seconds), str(limits.memory_mib), str(limits.keras_memory_mib)]
    try:
        child = subprocess.run(command, capture_output=True, timeout=limits.seconds, check=False)
    except subprocess.TimeoutExpired:
        reason = f"opening it took more than {limits.seconds} s"
    else:
        if child.returncode == 0:
            return child.stdout
        reason = _reason(child)
    raise ModelRefused(f"The model {path} may not serve: {reason}.")


def _reason(child: subprocess.CompletedProcess[bytes]) -> str:
    if child.returncode == REFUSED:
        return child.stdout.decode()
    if child.returncode < 0:
        name = signal.Signals(-child.returncode).name
        return f"opening it ended the examining process by {name}, so the file is damaged"
    last = child.stderr.decode(errors="replace").strip().splitlines()[-1:]
    return f"the examining process failed: {' '.join(last)}"


def main(arguments: list[str]) -> int:
    """Examine one file and write the outcome to standard output: the child's whole life."""
    path, seconds, memory, keras_memory = arguments
    # Whatever a library prints must not mix with the outcome.
    outcome = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    # Locking fails on read-only mounts; idle threads of BLAS cost address space.
    os.environ.update(
        HDF5_USE_FILE_LOCKING="FALSE", OPENBLAS_NUM_THREADS="1", TF_CPP_MIN_LOG_LEVEL="3"
    )
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds), int(seconds) + 1))
    _limit_memory(int(memory), int(keras_memory))
    code, data = _inspect(Path(path), int(memory), int(keras_memory))
    with outcome:
        outcome.write(data)
    return code


def _inspect(path: Path, memory: int, keras_memory: int) -> tuple[int, bytes]:
    from service.model.inspection import inspect

    try:
        model = inspect(path, before_keras=lambda: _limit_memory(keras_memory, keras_memory))
        return 0, model.to_bytes()
    except ModelRefused as error:
        return REFUSED, str(error).rstrip(".").encode()
    except MemoryError:
        return REFUSED, f"opening it needs more than {memory} MiB of memory".encode()
    except Exception as error:  # a damaged file makes HDF5 raise almost anything
        reason = " ".join(str(error).split()) or type(error).__name__
        return REFUSED, f"it is damaged or not a Keras model ({reason})".encode()


def _limit_memory(soft: int, hard: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (soft * MIB, hard * MIB))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
