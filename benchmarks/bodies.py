"""The requests that the load generator sends, built once and written to a file for it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

BOUNDARY: Final = "----------------------------5f0e7b8c9d1a2b3c"


@dataclass(frozen=True)
class Body:
    """The body of a request and its content type."""

    content_type: str
    data: bytes


def raw(picture: bytes) -> Body:
    """Return a PNG file as the body itself."""
    return Body("image/png", picture)


def form(field: str, pictures: Sequence[bytes]) -> Body:
    """Return PNG files as parts of a multipart form, all under the same field name."""
    head = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"; '
        'filename="picture.png"\r\nContent-Type: image/png\r\n\r\n'
    ).encode()
    parts = b"".join(head + picture + b"\r\n" for picture in pictures)
    return Body(f"multipart/form-data; boundary={BOUNDARY}", parts + f"--{BOUNDARY}--\r\n".encode())


def request(path: str, body: Body) -> bytes:
    """Return a whole HTTP request that keeps its connection open."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {body.content_type}\r\n"
        f"Content-Length: {len(body.data)}\r\n\r\n"
    )
    return head.encode() + body.data


def write_requests(file: Path, path: str, bodies: Iterable[Body]) -> Path:
    """Write requests for `post.lua`: of each, its length on a line and its bytes."""
    requests = [request(path, body) for body in bodies]
    file.write_bytes(b"".join(b"%d\n" % len(one) + one for one in requests))
    return file
