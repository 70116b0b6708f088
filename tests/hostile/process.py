"""Memory and descriptors of a process, read from /proc."""

from pathlib import Path


def children(pid):
    """Return the PIDs of a process's children."""
    return [int(n) for n in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def own_mib(pid):
    """Return the private anonymous memory of a process in MiB.

    Unlike its share of shared pages, it does not depend on other programs.
    """
    return _kib(Path(f"/proc/{pid}/smaps_rollup"), "Anonymous:") / 1024


def resident_mib(pid):
    """Return the proportional set size (PSS) in MiB."""
    return _kib(Path(f"/proc/{pid}/smaps_rollup"), "Pss:") / 1024


def peak_mib(pid):
    """Return the peak resident memory in MiB since `forget_peak`."""
    return _kib(Path(f"/proc/{pid}/status"), "VmHWM:") / 1024


def forget_peak(pid):
    """Reset the peak."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def descriptors(pid):
    """Return how many files and sockets the process holds open."""
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def _kib(path, name):
    return next(int(line.split()[1]) for line in path.read_text().splitlines() if name in line)
