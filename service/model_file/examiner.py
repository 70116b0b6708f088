"""Opens a model file in a child process with resource limits; returns its facts and graph.

A few changed bytes in an HDF5 file can crash h5py or make it loop for ever, which no `except` can
catch. So the process that answers requests never opens one. This module is both the caller
(`examine`) and the child's command (`python -m service.model_file.examiner`); importing it loads
only the standard library.
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
"""Exit code of a child that refuses the file; its output is then the reason."""

MAX_WRITTEN_MIB: Final = 512
"""The largest file the child may write; it writes a copy for Keras, and the graph."""

MAX_OPEN_FILES: Final = 256
"""TensorFlow needs about 40."""

INHERITED: Final = ("HOME", "LANG", "PATH", "TMPDIR", "TZ", "VIRTUAL_ENV")
INHERITED_PREFIXES: Final = ("COVERAGE_", "LC_", "LD_", "PYTHON")
"""The environment variables that the child gets: none that may hold a key or password."""


@dataclass(frozen=True)
class ExaminerLimits:
    """What the child may use; `pinned` is the sha256 of the only file that it may open.

    A file made by `fashion-train` needs about 300 MiB of address space (`memory_mib`) and a tenth
    of a second of CPU time (`own_seconds`). A plain Keras file needs TensorFlow: 2 to 4 GiB
    (`keras_memory_mib`) and some ten seconds (`seconds`). `seconds` also limits the wall time.
    """

    seconds: int = 120
    memory_mib: int = 768
    keras_memory_mib: int = 6144
    own_seconds: int = 60
    pinned: str | None = None


def examine(path: Path, limits: ExaminerLimits = ExaminerLimits()) -> bytes:
    """Check a model file in a child process; return what `ExaminedModel.from_bytes` takes.

    Raises:
        ModelRefused: the file may not serve; the message names it and the reason, and `digest` is
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
        digest, _, output = child.stdout.partition(b"\n")
        if child.returncode == 0:
            return output
        reason = _failure(child, output)
    raise ModelRefused(f"The model {path} may not serve: {reason}.", digest.decode() or None)


def _environment() -> dict[str, str]:
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


def _failure(child: subprocess.CompletedProcess[bytes], output: bytes) -> str:
    if child.returncode == REFUSED:
        return output.decode()
    if child.returncode == -signal.SIGXCPU:
        return "opening it took too long, so the file is damaged or far too large"
    if child.returncode == -signal.SIGKILL:
        return "the examining process was killed, probably for lack of memory: give it more"
    if child.returncode < 0:
        name = signal.Signals(-child.returncode).name
        return f"it crashed the examining process ({name}), so it is damaged or needs more memory"
    last_line = child.stderr.decode(errors="replace").strip().splitlines()[-1:]
    return f"the examining process failed: {' '.join(last_line)}"


def main(arguments: list[str]) -> int:
    """Run the child: write the file's digest and a newline, then the model or the reason.

    The digest is written first, so that it is known even if the child crashes later.
    """
    path, limits = Path(arguments[0]), ExaminerLimits(**json.loads(arguments[1]))
    gc.disable()  # saves a tenth of the time of a process this short
    with os.fdopen(os.dup(1), "wb") as outcome:
        os.dup2(2, 1)  # libraries that print must not add to the outcome
        written = MAX_WRITTEN_MIB * MIB
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (written, written))
        resource.setrlimit(resource.RLIMIT_NOFILE, (MAX_OPEN_FILES, MAX_OPEN_FILES))
        _limit(limits, min(limits.own_seconds, limits.seconds), limits.memory_mib)
        code, data = _examine(path, limits, outcome)
        outcome.write(data)
    return code


def _examine(path: Path, limits: ExaminerLimits, outcome: BinaryIO) -> tuple[int, bytes]:
    try:
        source = read_source(path, limits.pinned)
    except (ModelRefused, MemoryError) as error:
        digest = getattr(error, "digest", None) or ""
        return REFUSED, f"{digest}\n{_reason(error)}".encode()
    outcome.write(f"{source.digest}\n".encode())
    outcome.flush()
    try:
        from service.model_file.checks import check_model

        model = check_model(source, lambda: _limit(limits, limits.seconds, limits.keras_memory_mib))
        return 0, model.to_bytes()
    except Exception as error:  # a damaged file makes HDF5 raise almost anything
        return REFUSED, _reason(error).encode()


def _reason(error: Exception) -> str:
    if isinstance(error, ModelRefused):
        return str(error).rstrip(".")
    limit = f"{resource.getrlimit(resource.RLIMIT_AS)[0] // MIB} MiB of memory"
    text = ascii((" ".join(str(error).split()) or type(error).__name__)[:300])
    if isinstance(error, MemoryError):
        return f"opening it needs more than {limit}"
    if isinstance(error, ImportError):
        return f"a library does not load within {limit} ({text})"
    return f"it is damaged or not a Keras model ({text})"


def _limit(limits: ExaminerLimits, cpu_seconds: int, memory_mib: int) -> None:
    """Set soft limits; the hard limits allow what TensorFlow may use."""
    soft = max(memory_mib, limits.memory_mib) * MIB
    hard = max(limits.memory_mib, limits.keras_memory_mib) * MIB
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, limits.seconds + 1))
    resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
