"""Where and with what the figures were measured."""

import os
import platform
import shutil
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from benchmarks.servers import BENCH_PYTHON

OWN: Final = (
    "ai-edge-litert", "fastapi", "httptools", "keras", "numpy", "orjson", "pillow",
    "python-multipart", "starlette", "tensorflow", "uvicorn",
)  # fmt: skip
THEIRS: Final = ("bentoml", "fastapi", "litserve", "tensorflow", "uvicorn", "uvloop")


def describe() -> dict[str, Any]:
    """Return date, processor, memory, kernel, and the versions of what runs."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="minutes"),
        "processor": _first(Path("/proc/cpuinfo"), "model name"),
        "cores": len(os.sched_getaffinity(0)),
        "memory": _first(Path("/proc/meminfo"), "MemTotal"),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "wrk": _wrk_version(),
        "versions": {name: version(name) for name in OWN},
        "references": _versions(BENCH_PYTHON) if BENCH_PYTHON.exists() else {},
    }


def _first(file: Path, key: str) -> str:
    lines = (line.partition(":") for line in file.read_text().splitlines())
    return next((value.strip() for name, _, value in lines if name.strip() == key), "unknown")


def _wrk_version() -> str:
    if not shutil.which("wrk"):
        return "not installed"
    done = subprocess.run(["wrk", "-v"], capture_output=True, text=True, check=False)
    return (done.stdout + done.stderr).partition("\n")[0].partition(" [")[0]


def _versions(python: Path) -> dict[str, str]:
    program = f"from importlib.metadata import version\nfor n in {THEIRS}: print(n, version(n))"
    done = subprocess.run([python, "-c", program], capture_output=True, text=True, check=True)
    return dict(line.split() for line in done.stdout.splitlines())
