"""Raw bytes over a socket, for requests that no HTTP client would send."""

import json
import socket
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass
class Answer:
    """One parsed HTTP response."""

    status_code: int
    headers: dict
    body: bytes

    def json(self):
        """Return the parsed JSON body."""
        return json.loads(self.body)


@contextmanager
def connect(server, timeout=30):
    """Open a connection to a running server."""
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=timeout) as connection:
        yield connection


def read_to_end(connection):
    """Read until the server closes the connection."""
    chunks = []
    while chunk := connection.recv(65536):
        chunks.append(chunk)
    return b"".join(chunks)


def parse(data):
    """Parse responses; each must carry Content-Length."""
    answers = []
    while data:
        head, _, data = data.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines)
        length = int(headers["content-length"])
        answers.append(Answer(int(first.split(" ")[1]), headers, data[:length]))
        data = data[length:]
    return answers


def exchange(server, data):
    """Send bytes on a new connection and return all responses until the server closes it."""
    with connect(server) as connection:
        connection.sendall(data)
        return parse(read_to_end(connection))
