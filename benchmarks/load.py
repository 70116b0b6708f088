"""wrk, the load generator: what it sends and what it saw."""

import json
import os
import resource
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks import processes
from benchmarks.servers import Running

SCRIPT: Final = Path(__file__).parent / "post.lua"
TIMEOUT: Final = "60s"
QUIET: Final = 0.15
"""CPUs that others may use during a run before it is marked."""
MARK: Final = "RESULT "
MISSING: Final = "wrk is not installed: on Debian and Ubuntu, `apt-get install wrk`."


class LoadFailed(Exception):
    """wrk is missing, or ended without a result; the message says which."""


@dataclass(frozen=True)
class Shape:
    """What is sent in one run, over how many connections: requests of so many pictures each."""

    name: str
    requests: Path
    connections: int
    pictures: int = 1


@dataclass(frozen=True)
class Load:
    """What one run of wrk saw. CPU figures are CPUs: 1.0 is one core, busy all the time.

    `other_cpu` is what neither the server nor wrk used.
    """

    shape: str
    connections: int
    requests: int
    pictures: int
    seconds: float
    p50_ms: float
    p99_ms: float
    max_ms: float
    errors: int
    server_cpu: float
    wrk_cpu: float
    other_cpu: float

    @property
    def rate(self) -> float:
        """Pictures answered in a second."""
        return self.pictures / self.seconds

    @property
    def pictures_per_cpu_second(self) -> float:
        """Pictures answered for each second of CPU that the server used."""
        return self.pictures / (self.server_cpu * self.seconds)

    @property
    def tail(self) -> float:
        """The 99th percentile of the latency over the median."""
        return self.p99_ms / self.p50_ms if self.p50_ms else float("nan")

    @property
    def is_disturbed(self) -> bool:
        """Whether others used so much of the machine that the run says little."""
        return self.other_cpu > QUIET


def check_installed() -> None:
    """Raise LoadFailed where there is no wrk."""
    if not shutil.which("wrk"):
        raise LoadFailed(MISSING)


def drive(server: Running, shape: Shape, seconds: float) -> Load:
    """Load a server for so many seconds."""
    command = ["wrk", "-t1", f"-c{shape.connections}", f"-d{max(1, round(seconds))}s"]
    command += ["--timeout", TIMEOUT, "-s", str(SCRIPT), f"http://127.0.0.1:{server.port}"]
    before = _clocks(server.pid)
    done = subprocess.run(
        command,
        env=os.environ | {"REQUESTS": str(shape.requests)},
        capture_output=True,
        text=True,
        check=False,
    )
    used = [after - start for start, after in zip(before, _clocks(server.pid), strict=True)]
    load = parse(done.stdout + done.stderr, shape, used)
    server.answered += load.pictures
    server.in_flight += shape.connections * shape.pictures
    return load


def drive_quietly(server: Running, shape: Shape, seconds: float, patience: float) -> Load:
    """Load a server, and if others disturbed that, once more as soon as they leave it alone.

    `patience` is how many seconds that may be waited for; the less disturbed run is returned.
    """
    load = drive(server, shape, seconds)
    if not load.is_disturbed or not patience:
        return load
    wait_for_quiet(server.pid, patience)
    return min(load, drive(server, shape, seconds), key=lambda one: one.other_cpu)


def wait_for_quiet(pid: int, patience: float) -> None:
    """Wait until others use little of the machine for a second, but not longer than told."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        clock, machine, server, _ = _clocks(pid)
        time.sleep(1)
        now, machine_now, server_now, _ = _clocks(pid)
        if (machine_now - machine - (server_now - server)) / (now - clock) < QUIET:
            return


def parse(output: str, shape: Shape, used: list[float]) -> Load:
    """Make a Load of wrk's output and of the seconds used: clock, machine, server, wrk.

    Raises:
        LoadFailed: there is no result in the output.
    """
    lines = [line for line in output.splitlines() if line.startswith(MARK)]
    if not lines:
        raise LoadFailed(f"wrk ended without a result: {output.strip()[-300:]}")
    result = json.loads(lines[0].removeprefix(MARK))
    clock, machine, server, wrk = used
    return Load(
        shape=shape.name,
        connections=shape.connections,
        pictures=result["requests"] * shape.pictures,
        server_cpu=server / clock,
        wrk_cpu=wrk / clock,
        other_cpu=max(0.0, (machine - server - wrk) / clock),
        **result,
    )


def _clocks(pid: int) -> list[float]:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return [
        time.perf_counter(),
        processes.machine_seconds(),
        processes.cpu_seconds(pid),
        children.ru_utime + children.ru_stime,
    ]
