"""What a process uses, as the system tells it."""

from pathlib import Path


def children(pid):
    """Return the numbers of a process's children."""
    return [int(n) for n in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def own_mib(pid):
    """Return MiB that the process has asked for and holds now.

    Its share of what it has in common with other programs changes as these come and go.
    """
    return _kib(Path(f"/proc/{pid}/smaps_rollup"), "Anonymous:") / 1024


def resident_mib(pid):
    """Return MiB of memory that the process holds now, its share of what is shared counted."""
    return _kib(Path(f"/proc/{pid}/smaps_rollup"), "Pss:") / 1024


def peak_mib(pid):
    """Return MiB that the process held at most since `forget_peak`."""
    return _kib(Path(f"/proc/{pid}/status"), "VmHWM:") / 1024


def forget_peak(pid):
    """Begin a new peak, with what is held now."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def descriptors(pid):
    """Return how many files and sockets the process holds open."""
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def _kib(path, name):
    return next(int(line.split()[1]) for line in path.read_text().splitlines() if name in line)
