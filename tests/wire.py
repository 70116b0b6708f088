"""Bytes sent to a server as they are, for what no HTTP client would send."""

import json
import socket
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass
class Answer:
    """One answer as it came over the wire."""

    status_code: int
    headers: dict
    body: bytes

    def json(self):
        """Return what the body says."""
        return json.loads(self.body)


@contextmanager
def connect(server, timeout=30):
    """Open a connection to a running server."""
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=timeout) as connection:
        yield connection


def read_to_end(connection):
    """Return all that comes until the server closes."""
    chunks = []
    while chunk := connection.recv(65536):
        chunks.append(chunk)
    return b"".join(chunks)


def parse(data):
    """Return the answers in what came, each of which must say its length."""
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
    """Send bytes on a connection of their own; return the answers until the server closes it."""
    with connect(server) as connection:
        connection.sendall(data)
        return parse(read_to_end(connection))
