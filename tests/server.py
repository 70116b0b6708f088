"""A real server process. This is the only module that imports the HTTP client."""

import json
import os
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

ROOT = Path(__file__).parent.parent
SERVE = (sys.executable, "-m", "service")


@dataclass
class Server:
    """A running `python -m service`: its process, its URL and its log so far."""

    process: subprocess.Popen
    url: str = ""
    log: list[dict] = field(default_factory=list)

    def read_log(self):
        """Read the log to its end: an unread pipe fills up and blocks the server."""
        for line in self.process.stdout:
            self.log.append(json.loads(line))
            if self.log[-1]["message"] == "serving":
                self.url = self.log[-1]["url"]

    def client(self, **options):
        """Return an HTTP client for it."""
        return http_client(self.url, **options)


NoAnswer = httpx.TransportError


def http_client(url, **options):
    """Return an HTTP client for a server. It raises NoAnswer if nobody answers."""
    return httpx.Client(base_url=url, timeout=30, **options)


def environment(**settings):
    """Return the environment of this process with these settings and no others."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FASHION_")}
    return kept | {f"FASHION_{name.upper()}": str(value) for name, value in settings.items()}


@contextmanager
def running_server(command=SERVE, cwd=ROOT, **settings):
    """Start a server on a free port; stop it with SIGTERM."""
    process = subprocess.Popen(
        command,
        env=environment(**({"port": 0} | settings)),
        cwd=cwd,
        stdout=subprocess.PIPE,
        text=True,
    )
    server = Server(process)
    reader = threading.Thread(target=server.read_log)
    reader.start()
    try:
        while reader.is_alive() and not server.url:
            time.sleep(0.01)
        assert server.url, "it did not start"
        yield server
    finally:
        process.terminate()
        process.wait(30)
        reader.join()
        process.stdout.close()


def failing_start(command=SERVE, cwd=ROOT, **settings):
    """Run a server that cannot start; return its exit code and what it said."""
    done = subprocess.run(
        command,
        env=environment(**({"port": 0} | settings)),
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stderr
