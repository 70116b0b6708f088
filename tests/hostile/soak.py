"""A long run of mixed load and model swaps, in which nothing may fail or grow.

`python -m tests.hostile.soak [SECONDS]` prints memory and descriptors of the service. It exits with
1 if a request failed, or if memory or descriptors grew by more than 2 %.
"""

import os
import shutil
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from statistics import median

import h5py
from PIL import Image

from tests.hostile.bombs import bombs
from tests.hostile.files import COLOUR, GREY, encode
from tests.hostile.process import children, descriptors, own_mib
from tests.server import ROOT, running_server

ASKERS = 4
SAMPLES = 60
SWAP_SECONDS = 10
PAUSE_SECONDS = 0.04
READINGS = 20
GROWTH = 0.02
KEY = "a-key-for-the-soak-alone"
HEADERS = {"X-API-Key": KEY}


def requests():
    """Return the requests to send in turn: method, path, options and expected status."""
    good = encode(Image.fromarray(GREY), "PNG")
    jpeg = encode(Image.fromarray(COLOUR), "JPEG")
    bad = [data for name, data in bombs() if len(data) < 100_000][:8]
    many = {"files": [("files", data) for data in [good] * 20 + bad]}
    pages = ("/model", "/model/summary", "/classes", "/livez", "/readyz", "/metrics", "/docs")
    return [
        *[("POST", "/predict", {"files": {"file": data}}, 200) for data in [good, jpeg] * 10],
        ("POST", "/predict", {"content": good, "headers": {"Content-Type": "image/png"}}, 200),
        ("POST", "/predict/batch", many, 200),
        *[("GET", path, {}, 200) for path in pages],
        ("POST", "/predict", {"files": {"file": b"text"}}, 415),
        ("POST", "/predict", {"files": {"file": good[:-9]}}, 422),
        ("POST", "/predict", {"files": {"other": good}}, 422),
        ("GET", "/nowhere", {}, 404),
        ("GET", "/predict", {}, 405),
    ]


def ask(server, done, outcomes):
    """Send the requests in a loop, at most 25 a second, and count the outcomes."""
    turns, client = requests(), server.client()
    while not done.is_set():
        for method, path, options, status in turns:
            try:
                answer = client.request(method, path, **options)
                right = answer.status_code == status
                outcomes["answered" if right else f"{path} {answer.status_code}"] += 1
            except Exception as error:
                outcomes[f"{path} {type(error).__name__}"] += 1
            time.sleep(PAUSE_SECONDS)
    client.close()


def swap(server, path, models, done, outcomes):
    """Replace one model file by the other every few seconds."""
    turn = 0
    while not done.wait(SWAP_SECONDS):
        turn += 1
        os.replace(shutil.copy(models[turn % 2], path.with_suffix(".new")), path)
        try:
            with server.client() as client:
                ended = client.post("/model/reload", headers=HEADERS).status_code
        except Exception as error:
            ended = type(error).__name__
        outcomes["swapped" if ended == 200 else f"/model/reload {ended}"] += 1


def usage(server):
    """Return memory in MiB and descriptors, summed over the supervisor and its workers."""
    pids = [server.process.pid, *children(server.process.pid)]
    return sum(map(own_mib, pids)), sum(map(descriptors, pids))


def sample(server):
    """Return the lowest of several readings.

    Memory for a photograph being decoded or a model being examined comes and goes.
    """
    readings = []
    for _ in range(READINGS):
        time.sleep(0.1)
        with suppress(FileNotFoundError, ProcessLookupError):  # an examiner that ended just now
            readings.append(usage(server))
    return min(readings)


def watch(server, seconds):
    """Take samples for some seconds, and print them."""
    samples, begun = [], time.monotonic()
    while time.monotonic() - begun < seconds:
        time.sleep(max(0, seconds / SAMPLES - 0.1 * READINGS))
        samples.append(sample(server))
        mib, count = samples[-1]
        print(f"{time.monotonic() - begun:7.0f} s {mib:7.1f} MiB {count:4d} open", flush=True)
    return samples


def growth(values):
    """Return the relative growth from the second third of the samples to the last."""
    third = len(values) // 3
    return median(values[-third:]) / median(values[third : 2 * third]) - 1


def soak(seconds, folder):
    """Load a server for some seconds; return the outcomes and the samples."""
    models = [ROOT / "models" / "best-model.h5", folder / "second.h5"]
    shutil.copy(*models)
    with h5py.File(models[1], "r+") as file:
        file.attrs["note"] = "the same network in another file"
    path = Path(shutil.copy(models[0], folder / "model.h5"))
    done, outcomes = threading.Event(), Counter()
    with running_server(model_path=path, workers=2, admin_key=KEY, access_log=False) as server:
        work = [(ask, (server, done, outcomes))] * ASKERS
        work += [(swap, (server, path, models, done, outcomes))]
        threads = [threading.Thread(target=one, args=arguments) for one, arguments in work]
        for thread in threads:
            thread.start()
        try:
            samples = watch(server, seconds)
        finally:
            done.set()
            for thread in threads:
                thread.join()
    return outcomes, samples


def main(seconds=3600):
    """Return 0 if nothing failed and nothing grew, else 1."""
    with tempfile.TemporaryDirectory() as folder:
        outcomes, samples = soak(seconds, Path(folder))
    memory, count = (growth(values) for values in zip(*samples, strict=True))
    print(f"{dict(outcomes)}, memory {memory:+.1%}, descriptors {count:+.1%}")
    failed = outcomes.keys() - {"answered", "swapped"}
    return int(bool(failed) or memory > GROWTH or count > GROWTH)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
