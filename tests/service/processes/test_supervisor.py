import os
import signal
import time
from pathlib import Path

from tests.hostile.process import children, resident_mib
from tests.server import failing_start, running_server


def wait_until(condition, seconds=15):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def is_gone(pid):
    """Return whether a process has ended, reaped or not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].startswith("Z")
    except FileNotFoundError:
        return True


def test_the_supervisor_takes_less_than_40_mib(server):
    assert resident_mib(server.process.pid) < 40


def test_a_killed_worker_is_replaced_and_the_service_goes_on(png, real_pixels):
    boot = png(real_pixels[0])
    with running_server() as server, server.client() as client:
        (first,) = children(server.process.pid)
        os.kill(first, signal.SIGKILL)
        wait_until(lambda: children(server.process.pid) not in ([], [first]))

        assert client.post("/predict", files={"file": boot}).json()["class_name"] == "Ankle boot"
    (death,) = [line for line in server.log if line["message"] == "a worker died"]
    assert (death["pid"], death["exit_code"]) == (first, -signal.SIGKILL)


def test_a_successor_that_is_killed_is_replaced_too(png, real_pixels):
    boot = png(real_pixels[0])
    with running_server() as server, server.client() as client:
        for _ in range(2):
            wait_until(lambda: children(server.process.pid))
            os.kill(children(server.process.pid)[0], signal.SIGKILL)
            time.sleep(0.2)

        assert client.post("/predict", files={"file": boot}).json()["class_name"] == "Ankle boot"


def test_a_successor_that_cannot_start_says_why(tmp_path, capfd):
    keys = tmp_path / "keys"
    keys.write_text("0123456789-0123456789-0123456789\n")
    with running_server(api_keys_file=keys) as server:
        keys.unlink()
        os.kill(children(server.process.pid)[0], signal.SIGKILL)
        time.sleep(2)
        assert server.process.poll() is None
    assert f"fashion-serve: FASHION_API_KEYS_FILE={keys}" in capfd.readouterr().err


def test_the_metrics_of_two_workers_add_up(png, real_pixels):
    boot = png(real_pixels[0])
    with running_server(workers=2, access_log=False) as server:
        for _ in range(40):  # each on a new connection, which the system gives to either worker
            with server.client() as client:
                client.post("/predict", files={"file": boot})
        with server.client() as client:
            text = client.get("/metrics").text

    assert 'fashion_predictions_total{class_name="Ankle boot"} 40.0' in text
    assert 'fashion_requests_total{route="/predict",status="200"} 40.0' in text


def test_the_metrics_folder_is_deleted_with_the_service(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with running_server(workers=2):
        (folder,) = tmp_path.glob("fashion-metrics-*")
        assert [*folder.glob("*.db")]
    assert not folder.exists()


def test_no_worker_outlives_its_supervisor():
    with running_server(workers=2) as server:
        workers = children(server.process.pid)
        server.process.kill()
        wait_until(lambda: all(is_gone(pid) for pid in workers))
    assert len(workers) == 2


def test_an_accepted_request_is_answered_before_the_service_ends(png, real_pixels):
    boot = png(real_pixels[0])

    def slowly(server):
        """Send a part of a picture, end the server, and send the rest."""
        yield boot[:100]
        time.sleep(0.3)
        server.process.terminate()
        time.sleep(0.5)
        yield boot[100:]

    with running_server() as server, server.client() as client:
        headers = {"Content-Type": "image/png"}
        answer = client.post("/predict", content=slowly(server), headers=headers)
        assert answer.json()["class_name"] == "Ankle boot"
        assert server.process.wait(10) == 0


def test_a_second_start_on_the_same_port_is_refused():
    with running_server(workers=2) as server:
        port = server.url.rpartition(":")[2]
        code, said = failing_start(port=port, workers=2)

    assert code == 2
    assert "cannot listen" in said
