"""What processes use, read from Linux's /proc."""

import os
from pathlib import Path
from typing import Final

PROC: Final = Path("/proc")
TICKS: Final = os.sysconf("SC_CLK_TCK")
KIB_IN_MIB: Final = 1024


def tree(pid: int) -> list[int]:
    """Return a process and all its descendants that live now."""
    found = [pid]
    for parent in found:
        for task in (PROC / str(parent) / "task").glob("*/children"):
            found += [int(child) for child in _read(task).split()]
    return found


def lives(pid: int) -> bool:
    """Return whether a process runs still; one that has ended and waits for its parent does not."""
    state = _read(PROC / str(pid) / "stat").rpartition(")")[2].split()[:1]
    return state not in ([], ["Z"])


def memory_mib(pid: int, kind: str = "Pss:") -> float:
    """Return the memory of a process tree in MiB.

    By default the proportional set size, in which a page that several processes share counts
    once in all; with `Private_`, only what no other process on the machine has.
    """
    kib = 0
    for member in tree(pid):
        lines = _read(PROC / str(member) / "smaps_rollup").splitlines()
        kib += sum(int(line.split()[1]) for line in lines if line.startswith(kind))
    return kib / KIB_IN_MIB


def cpu_seconds(pid: int) -> float:
    """Return the CPU seconds that a process tree has used."""
    return sum(_ticks(member) for member in tree(pid)) / TICKS


def machine_seconds() -> float:
    """Return the CPU seconds that the whole machine was busy since it started."""
    user, nice, system, _idle, _wait, irq, softirq = (
        int(value) for value in _read(PROC / "stat").split()[1:8]
    )
    return (user + nice + system + irq + softirq) / TICKS


def _ticks(pid: int) -> int:
    after_name = _read(PROC / str(pid) / "stat").rpartition(")")[2].split()
    return int(after_name[11]) + int(after_name[12]) if after_name else 0


def _read(path: Path) -> str:
    """Return a file's text; nothing where the process has just ended."""
    try:
        return path.read_text()
    except OSError:
        return ""
