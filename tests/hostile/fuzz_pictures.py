"""Fuzzes the picture reader: `python -m tests.hostile.fuzz_pictures [SECONDS] [SEED]`.

A child process reads the pictures, so a crash is found too. Each finding is saved in build/fuzz,
and the exit code is then 1.
"""

import contextlib
import os
import resource
import select
import struct
import subprocess
import sys
import time
from hashlib import sha256
from pathlib import Path

import numpy as np

from tests.hostile import corpus
from tests.hostile.bombs import bombs, chunk
from tests.hostile.files import MIB, SIGNATURE, sound_files

MAX_SECONDS = 5
MAX_BYTES = 1024 * MIB
FOUND = Path("build") / "fuzz"
READ = [sys.executable, "-m", "tests.hostile.fuzz_pictures", "--child"]


def read_all():
    """Read pictures with their lengths from standard input, and answer each with one byte."""
    from service.errors import RequestRefused
    from service.images.read import read_picture

    resource.setrlimit(resource.RLIMIT_AS, (MAX_BYTES, MAX_BYTES))
    source = sys.stdin.buffer
    while head := source.read(4):
        data = source.read(*struct.unpack(">I", head))
        try:
            picture = read_picture(data, "auto", max_pixels=40_000_000)
            sound = picture.pixels.shape == (28, 28) and picture.pixels.dtype == np.uint8
        except RequestRefused:
            sound = True
        os.write(1, b"y" if sound else b"n")


class Reader:
    """A child process that reads one picture after another, and is restarted when it dies."""

    def __init__(self):
        self._child = None

    def fault(self, data):
        """Return what went wrong with a picture, or None."""
        if self._child is None:
            pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
            self._child = subprocess.Popen(READ, stderr=subprocess.DEVNULL, **pipes)
        with contextlib.suppress(BrokenPipeError):  # its exit code is reported below
            self._child.stdin.write(struct.pack(">I", len(data)) + data)
            self._child.stdin.flush()
        answered, _, _ = select.select([self._child.stdout], [], [], 10 * MAX_SECONDS)
        answer = os.read(self._child.stdout.fileno(), 1) if answered else None
        if answer == b"y":
            return None
        self._child.kill()
        code = self._child.wait()
        self.close()
        return {None: "no end", b"n": "no picture"}.get(answer, f"exit code {code}")

    def close(self):
        """End the child."""
        child, self._child = self._child, None
        if child:
            with contextlib.suppress(BrokenPipeError):
                child.stdin.close()
            child.stdout.close()
            child.wait()


def cases(random):
    """Yield valid files and bombs forever, damaged once or several times."""
    sources = [*sound_files().values()]
    sources += [data for _, data in corpus.every_mode()]
    sources += [data for _, data in bombs() if len(data) < 100_000]
    while True:
        data = sources[random.integers(len(sources))]
        for _ in range(random.integers(1, 6)):
            data = corpus.damage(data, random) if data else b"\0"
        yield mend(data) if random.integers(2) else data


def mend(data):
    """Correct the checksums of a PNG so that damage is not noticed by them."""
    if not data.startswith(SIGNATURE):
        return data
    at, pieces = 8, [SIGNATURE]
    while at + 12 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        pieces.append(chunk(kind, data[at + 8 : at + 8 + length]))
        at += 12 + length
    return b"".join(pieces)


def fuzz(seconds, seed):
    """Read damaged pictures for some seconds; return their number and the findings."""
    reader, count, found = Reader(), 0, []
    files = cases(np.random.default_rng(seed))
    next(files)  # making the sources takes seconds
    end = time.monotonic() + seconds
    for data in files:
        began = time.monotonic()
        if began > end:
            break
        fault, count = reader.fault(data), count + 1
        if not fault and count > 1 and time.monotonic() - began > MAX_SECONDS:
            fault = f"{time.monotonic() - began:.0f} s"
        if fault:
            FOUND.mkdir(parents=True, exist_ok=True)
            path = FOUND / f"{sha256(data).hexdigest()[:16]}.picture"
            path.write_bytes(data)
            found.append(f"{path}: {fault}")
            print(found[-1], flush=True)
    reader.close()
    return count, found


def main(arguments):
    """Fuzz for some seconds and print the seed."""
    if arguments == ["--child"]:
        read_all()
        return 0
    seconds = int(arguments[0]) if arguments else 60
    seed = int(arguments[1]) if arguments[1:] else time.time_ns() % 2**32
    count, found = fuzz(seconds, seed)
    print(f"{count} pictures in {seconds} s from seed {seed}: {len(found)} found")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
