import contextlib
import shutil
import socket
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from training.data import download as downloads
from training.data.download import download
from training.data.idx import FILES, KNOWN, DataRefused

LAST = FILES[-1]


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@contextlib.contextmanager
def site(folder):
    """Serve a folder over HTTP; yield its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(autouse=True)
def _sample_in_place_of_the_official_files(monkeypatch):
    monkeypatch.setitem(KNOWN, "official", KNOWN["sample"])


@pytest.fixture
def broken(sample, tmp_path):
    """A copy of the sample, to damage."""
    folder = tmp_path / "broken"
    folder.mkdir()
    for name in FILES:
        shutil.copy(sample / name, folder / name)
    return folder


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_the_four_files_are_fetched(sample, tmp_path, capsys):
    with site(sample) as address:
        download(tmp_path / "cache", [address])

    assert names(tmp_path / "cache") == sorted(FILES)
    assert LAST in capsys.readouterr().err


def test_quiet_shows_no_progress(sample, tmp_path, capsys):
    with site(sample) as address:
        download(tmp_path / "cache", [address], quiet=True)

    assert capsys.readouterr() == ("", "")


def test_complete_files_are_not_fetched_again(broken):
    download(broken, ["http://127.0.0.1:1"])

    assert names(broken) == sorted(FILES)


def test_a_damaged_file_in_the_cache_is_fetched_again(sample, broken):
    (broken / LAST).write_bytes(b"half of it")

    with site(sample) as address:
        download(broken, [address])

    assert (broken / LAST).read_bytes() == (sample / LAST).read_bytes()


def test_the_mirror_replaces_a_location_that_sends_something_else(sample, broken, tmp_path):
    (broken / LAST).write_bytes(b"<html>a login page</html>")

    with site(broken) as first, site(sample) as mirror:
        download(tmp_path / "cache", [first, mirror])

    assert names(tmp_path / "cache") == sorted(FILES)


def test_if_every_location_fails_the_message_says_what_to_do(broken, tmp_path):
    (broken / LAST).unlink()

    with site(broken) as address, pytest.raises(DataRefused) as refusal:
        download(tmp_path / "cache", [address, "http://127.0.0.1:1"])

    sentence = str(refusal.value)
    assert sentence.startswith(f"{LAST} could not be downloaded from {address}/{LAST} (HTTP Error")
    assert f" nor from http://127.0.0.1:1/{LAST} (" in sentence
    assert sentence.endswith("name their folder with --data-dir.")
    assert LAST not in names(tmp_path / "cache")


def test_a_server_that_sends_too_much_is_given_up(sample, tmp_path, monkeypatch):
    monkeypatch.setattr(downloads, "MAX_CHUNKS", 1)

    with (
        site(sample) as address,
        pytest.raises(DataRefused, match="sent 65536 bytes of something else"),
    ):
        download(tmp_path / "cache", [address])

    assert names(tmp_path / "cache") == []


def test_a_silent_server_is_given_up(tmp_path, monkeypatch):
    monkeypatch.setattr(downloads, "TIMEOUT_S", 0.1)

    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(DataRefused, match="timed out"):
            download(tmp_path / "cache", [address])
