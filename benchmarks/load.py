"""Loads a server with wrk and returns what wrk and the processes' clocks saw."""

import json
import os
import resource
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from benchmarks import payloads
from benchmarks.servers import Running, Server

SCRIPT: Final = Path(__file__).parent / "post.lua"
TIMEOUT: Final = "60s"
MARK: Final = "RESULT "
DISTURBED: Final = 0.15
"""Cores that other processes may use before a run says so."""


class LoadFailed(Exception):
    """wrk is missing, printed no result or got no answer."""


@dataclass(frozen=True)
class Shape:
    """What a server is loaded with: `kind` is form, raw or batch; `pictures` are per request."""

    kind: str
    connections: int
    pictures: int = 1


SHAPES: Final = {
    "form": Shape("form", 64),
    "raw": Shape("raw", 64),
    "alone": Shape("form", 1),
    "raw-alone": Shape("raw", 1),
    "batch": Shape("batch", 2, 256),
}


@dataclass(frozen=True)
class Load:
    """What one run saw: pictures that were answered with 200, and failed requests as `errors`.

    `other_cpu` is how many cores were busy with neither the server nor wrk.
    """

    pictures: int
    seconds: float
    p50_ms: float
    p99_ms: float
    errors: int
    other_cpu: float

    @property
    def rate(self) -> float:
        """Pictures a second."""
        return self.pictures / self.seconds

    @property
    def tail(self) -> float:
        """p99 / p50 of the latency."""
        return self.p99_ms / self.p50_ms


def drive(live: Running, shape: Shape, seconds: float, folder: Path) -> Load:
    """Load a server for whole seconds, print the result and return it.

    Raises:
        LoadFailed: as its name says.
    """
    if not shutil.which("wrk"):
        raise LoadFailed("wrk is not installed: on Debian and Ubuntu, `apt-get install wrk`.")
    command = ["wrk", "-t1", f"-c{shape.connections}", f"-d{max(1, round(seconds))}s"]
    variables = {"REQUESTS": str(write_requests(live.server, shape, folder))}
    before = _clocks(live)
    done = subprocess.run(
        [*command, "--timeout", TIMEOUT, "-s", str(SCRIPT), live.url],
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    used = [after - start for start, after in zip(before, _clocks(live), strict=True)]
    load = parse(done.stdout + done.stderr, shape, used)
    live.answered += load.pictures
    live.in_flight += shape.connections * shape.pictures
    failed = f", {load.errors} FAILED" if load.errors else ""
    busy = load.other_cpu > DISTURBED
    others = f", other processes used {load.other_cpu:.2f} CPU" if busy else ""
    print(
        f"{live.server.name}, {shape.kind} of {shape.pictures}, {shape.connections} connections: "
        f"{load.rate:,.0f}/s, p50 {load.p50_ms:.2f} ms, p99 {load.p99_ms:.2f} ms{failed}{others}",
        flush=True,
    )
    return load


def write_requests(server: Server, shape: Shape, folder: Path) -> Path:
    """Write the requests for `post.lua`, once: the length of each on a line, then its bytes."""
    file = folder / f"{server.name}-{shape.kind}-{shape.pictures}.requests"
    if not file.exists():
        pictures = [payloads.to_png(one) for one in payloads.read_pixels()]
        url, size = "http://127.0.0.1", shape.pictures
        if shape.kind == "raw":
            made = [payloads.raw(url + server.raw_path, one) for one in pictures]
        elif shape.kind == "form":
            made = [payloads.form(f"{url}/predict", server.field, one) for one in pictures]
        else:
            starts = range(0, max(1, len(pictures) - size + 1), size)
            groups = [(pictures[start : start + size] * size)[:size] for start in starts]
            made = [payloads.form(f"{url}/predict/batch", "files", *group) for group in groups]
        texts = map(payloads.to_bytes, made)
        file.write_bytes(b"".join(b"%d\n" % len(text) + text for text in texts))
    return file


def parse(output: str, shape: Shape, used: list[float]) -> Load:
    """Return a Load from wrk's output and the seconds by the wall, machine, server and wrk.

    Raises:
        LoadFailed: there is no result, or no request was answered.
    """
    lines = [line for line in output.splitlines() if line.startswith(MARK)]
    if not lines:
        raise LoadFailed(f"wrk ended without a result: {output.strip()[-300:]}")
    result = json.loads(lines[0].removeprefix(MARK))
    if not result["answered"]:
        raise LoadFailed(f"no request was answered in {result['seconds']:.0f} s")
    wall, machine, server, wrk = used
    return Load(
        pictures=result.pop("answered") * shape.pictures,
        other_cpu=max(0.0, (machine - server - wrk) / wall),
        **result,
    )


def _clocks(live: Running) -> list[float]:
    children, machine = resource.getrusage(resource.RUSAGE_CHILDREN), psutil.cpu_times()
    busy = machine.user + machine.nice + machine.system + machine.irq + machine.softirq
    wrk = children.ru_utime + children.ru_stime
    return [time.perf_counter(), busy, live.cpu_seconds(), wrk]
