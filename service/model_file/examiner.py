"""The child process that opens a model file, under limits, and hands facts and graph over.

A few changed bytes in an HDF5 file can crash the library that reads it, or make it loop for ever,
and no `except` helps against that. So a file is opened only in a child of its own: the process
that answers requests never reads one. This module is the way in (`examine`) and the child's
command (`python -m service.model_file.examiner`); both need the standard library alone.
"""

import gc
import json
import os
import resource
import signal
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO, Final

from service.errors import ModelRefused
from service.model_file.source import read_source

MIB: Final = 2**20
REFUSED: Final = 3
"""Exit code of a child that found something wrong; its output is then the sentence."""

MAX_WRITTEN_MIB: Final = 512
"""The largest file the child may write: Keras is given a copy, and writes the graph."""

MAX_OPEN: Final = 256
"""Files the child may hold open; TensorFlow needs about 40."""

INHERITED: Final = ("HOME", "LANG", "PATH", "TMPDIR", "TZ", "VIRTUAL_ENV")
INHERITED_PREFIXES: Final = ("COVERAGE_", "LC_", "LD_", "PYTHON")
"""What the child is told of the environment. Keys and passwords are not for it."""


@dataclass(frozen=True)
class ExaminerLimits:
    """What the child may use, and `pinned`, the sha256 of the one file that it may open.

    A file of ours needs about 300 MiB of address space and a tenth of a second; `own_seconds` are
    seconds of computing for it. A plain Keras file needs TensorFlow, which takes 2 to 4 GiB and
    some ten seconds; `seconds` are of computing, and at the same time the longest wait for either.
    """

    seconds: int = 120
    memory_mib: int = 768
    keras_memory_mib: int = 6144
    own_seconds: int = 60
    pinned: str | None = None


def examine(path: Path, limits: ExaminerLimits = ExaminerLimits()) -> bytes:
    """Open a model file in a child process and return what `ExaminedModel.from_bytes` unpacks.

    Raises:
        ModelRefused: the file may not serve; the sentence names it and the reason, and `digest` is
            the file's sha256, if it could be read.
    """
    command = [sys.executable, "-m", "service.model_file.examiner", str(path)]
    try:
        child = subprocess.run(
            [*command, json.dumps(asdict(limits))],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=_environment(),
            timeout=limits.seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        digest = (error.output or b"").partition(b"\n")[0]
        reason = f"opening it took more than {limits.seconds} s"
    else:
        digest, _, rest = child.stdout.partition(b"\n")
        if child.returncode == 0:
            return rest
        reason = _reason(child, rest)
    raise ModelRefused(f"The model {path} may not serve: {reason}.", digest.decode() or None)


def _environment() -> dict[str, str]:
    """Return the child's environment; its libraries are told how to behave."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in INHERITED or name.startswith(INHERITED_PREFIXES)
    }
    return kept | {
        "CUDA_VISIBLE_DEVICES": "-1",  # a graphics card's memory is mapped as address space
        "HDF5_USE_FILE_LOCKING": "FALSE",  # fails on read-only mounts
        "KERAS_BACKEND": "tensorflow",
        "OPENBLAS_NUM_THREADS": "1",  # idle threads cost address space
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }


def _reason(child: subprocess.CompletedProcess[bytes], said: bytes) -> str:
    if child.returncode == REFUSED:
        return said.decode()
    if child.returncode == -signal.SIGXCPU:
        return "opening it took too long, so the file is damaged or far too large"
    if child.returncode == -signal.SIGKILL:
        return "the examining process was killed, probably for lack of memory: give it more"
    if child.returncode < 0:
        name = signal.Signals(-child.returncode).name
        return f"opening it ended the examining process by {name}, so the file is damaged"
    last = child.stderr.decode(errors="replace").strip().splitlines()[-1:]
    return f"the examining process failed: {' '.join(last)}"


def main(arguments: list[str]) -> int:
    """Examine one file and write the outcome to standard output: the child's whole life.

    First comes a line with the file's digest, so that it is known whatever happens then.
    """
    path, limits = Path(arguments[0]), ExaminerLimits(**json.loads(arguments[1]))
    gc.disable()  # a tenth of its time, in a process too short-lived to collect anything
    # Whatever a library prints must not mix with the outcome.
    with os.fdopen(os.dup(1), "wb") as outcome:
        os.dup2(2, 1)
        _limit(limits)
        code, data = _examine(path, limits, outcome)
        outcome.write(data)
    return code


def _examine(path: Path, limits: ExaminerLimits, outcome: BinaryIO) -> tuple[int, bytes]:
    try:
        source = read_source(path, limits.pinned)
    except ModelRefused as error:
        return REFUSED, f"{error.digest or ''}\n{error}".encode()
    except MemoryError:
        return REFUSED, f"\nit needs more than {limits.memory_mib} MiB of memory".encode()
    outcome.write(f"{source.digest}\n".encode())
    outcome.flush()
    try:
        from service.model_file.checks import inspect

        model = inspect(source, before_keras=lambda: _widen(limits))
        return 0, model.to_bytes()
    except ModelRefused as error:
        return REFUSED, str(error).rstrip(".").encode()
    except MemoryError:
        return REFUSED, f"opening it needs more than {limits.memory_mib} MiB of memory".encode()
    except Exception as error:  # a damaged file makes HDF5 raise almost anything
        reason = " ".join(str(error).split()) or type(error).__name__
        return REFUSED, f"it is damaged or not a Keras model ({reason[:300]!a})".encode()


def _limit(limits: ExaminerLimits) -> None:
    """Hold this process to what a file of ours needs; only `_widen` goes further."""
    seconds, written = min(limits.own_seconds, limits.seconds), MAX_WRITTEN_MIB * MIB
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, limits.seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (written, written))
    resource.setrlimit(resource.RLIMIT_NOFILE, (MAX_OPEN, MAX_OPEN))
    _limit_memory(limits.memory_mib, max(limits.memory_mib, limits.keras_memory_mib))


def _widen(limits: ExaminerLimits) -> None:
    """Grant what TensorFlow needs."""
    resource.setrlimit(resource.RLIMIT_CPU, (limits.seconds, limits.seconds + 1))
    most = max(limits.memory_mib, limits.keras_memory_mib)
    _limit_memory(most, most)


def _limit_memory(soft: int, hard: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (soft * MIB, hard * MIB))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
