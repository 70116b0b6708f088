"""Hostile pictures against a real server: none may crash it, stall it or exhaust its memory."""

import os
import signal
import threading
import time
from pathlib import Path

import pytest

from tests.hostile import corpus, fuzz_pictures
from tests.hostile.files import GREY
from tests.hostile.process import children, forget_peak, peak_mib, resident_mib
from tests.server import running_server

MAX_SECONDS = 5
PEAK_MIB = 256
LASTING_MIB = 96
FUZZ_SECONDS = 5  # `make fuzz` runs longer
REFUSALS = {400, 413, 415, 422}


@pytest.fixture(scope="module")
def server():
    """A server for this module alone, because its memory is measured."""
    with running_server(access_log=False) as running:
        yield running


@pytest.fixture(scope="module")
def client(server):
    """An HTTP client for this server."""
    with server.client() as client:
        yield client


@pytest.fixture(scope="module")
def cases():
    """The whole corpus."""
    return list(corpus.everything())


def command(pid):
    return Path(f"/proc/{pid}/cmdline").read_bytes()


def send(client, data):
    """Send one picture; return the response and how many seconds it took."""
    began = time.perf_counter()
    answer = client.post("/predict", content=data, headers={"Content-Type": "image/png"})
    return answer, time.perf_counter() - began


def wrong(answer, seconds):
    """Return what is wrong with a response, or None."""
    if answer.status_code != 200 and answer.status_code not in REFUSALS:
        return f"status {answer.status_code}"
    if answer.status_code != 200:
        if answer.headers["content-type"] != "application/problem+json":
            return f"content type {answer.headers['content-type']}"
        if len(answer.content) > 2_000:
            return f"a problem of {len(answer.content)} bytes"
    return f"{seconds:.1f} s" if seconds > MAX_SECONDS else None


def test_the_corpus_is_large_and_always_the_same(cases):
    assert len(cases) >= 500
    assert len({name for name, _ in cases}) == len(cases)
    again = list(corpus.everything())
    assert [(name, hash(data)) for name, data in again] == [(n, hash(d)) for n, d in cases]


def test_no_picture_crashes_or_stalls_the_service_or_exhausts_its_memory(
    server, client, cases, png
):
    (worker,) = children(server.process.pid)
    good = png(GREY)
    for _ in range(200):
        send(client, good)
    forget_peak(worker)
    before, peak_before = resident_mib(worker), peak_mib(worker)
    faults, slowest = {}, (0, "")
    for name, data in cases:
        answer, seconds = send(client, data)
        slowest = max(slowest, (seconds, name))
        if fault := wrong(answer, seconds):
            faults[name] = fault
    peak, lasting = peak_mib(worker) - peak_before, resident_mib(worker) - before
    print(f"{len(cases)} pictures, slowest {slowest}, peak {peak:.0f} MiB, lasting {lasting:.0f}")

    assert not faults
    assert children(server.process.pid) == [worker]
    assert peak <= PEAK_MIB
    assert lasting <= LASTING_MIB
    assert send(client, good)[0].status_code == 200


def test_bombs_and_large_files_do_not_delay_other_clients(server, client, cases, png):
    chosen = dict(cases)
    bomb, large = chosen["small png with 60 bombs"], chosen["jpeg of a million resources"]
    photographs = [data for name, data in cases if name.endswith(("megapixels", "60 scans"))]
    files = [("files", bomb)] * 500 + [("files", large)] * 2
    answers, waits = [], []

    def attack():
        with server.client() as attacker:
            answers.append(attacker.post("/predict/batch", files=files).status_code)
            answers.extend(send(attacker, data)[0].status_code for data in (large, *photographs))

    attackers = [threading.Thread(target=attack) for _ in range(2)]
    for thread in attackers:
        thread.start()
    while any(thread.is_alive() for thread in attackers):
        answer, seconds = send(client, png(GREY))
        answers.append(answer.status_code)
        waits.append(seconds)
    print(f"{len(waits)} other requests waited {max(waits):.2f} s at most")

    assert set(answers) <= {200, 422}
    assert max(waits) < 1


def test_each_hostile_picture_in_a_batch_gets_its_own_problem(client, cases, png):
    good = png(GREY)
    small = [data for _, data in cases if len(data) < 10_000]
    for start in range(0, len(small), 100):
        chosen = [good, *small[start : start + 100], good]
        began = time.perf_counter()
        answer = client.post("/predict/batch", files=[("files", data) for data in chosen])
        results = answer.json()["results"]
        assert time.perf_counter() - began < MAX_SECONDS
        assert len(results) == len(chosen)
        assert results[0]["class_name"] == results[-1]["class_name"]
        assert {one["problem"]["status"] for one in results if "problem" in one} <= REFUSALS


def test_the_fuzzer_reports_a_dead_reader_and_goes_on(png):
    reader = fuzz_pictures.Reader()
    good = png(GREY)

    assert reader.fault(good) is None
    (reader_pid,) = (pid for pid in children(os.getpid()) if b"fuzz" in command(pid))
    os.kill(reader_pid, signal.SIGSEGV)
    assert reader.fault(good) == "exit code -11"
    assert reader.fault(b"text") is None
    reader.close()


def test_damaged_pictures_are_read_or_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(fuzz_pictures, "FOUND", tmp_path)
    count, found = fuzz_pictures.fuzz(seconds=FUZZ_SECONDS, seed=7)

    assert count > 200
    assert not found
