"""The sockets that the service listens on, one for each worker."""

import contextlib
import socket
import struct
from array import array
from typing import Final

from service.errors import SettingsRefused

BACKLOG: Final = 2048
"""Connections that may wait to be accepted; the system's own limit is often lower."""

ATTACH_FILTER: Final = 26
"""Linux's SO_ATTACH_FILTER, which Python has no name for."""

KEEP_NOTHING: Final = struct.pack("HBBI", 6, 0, 0, 0)
"""A filter of one instruction: of each packet that arrives, keep no byte."""


def open_listeners(host: str, port: int, count: int) -> list[socket.socket]:
    """Return `count` listening sockets on one address, which share its connections.

    Workers that share one socket do not share the load: a burst can land on one of them whole. So
    each has a socket of its own (SO_REUSEPORT), and the system spreads connections over them. A
    second start would then join in silence, so the port is first tried without.

    Raises:
        SettingsRefused: the address cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with _bound(family, host, port, shared=False) as probe:
            port = probe.getsockname()[1]
            if count == 1:
                return [_listening(probe.dup())]
        return [_listening(_bound(family, host, port, shared=True)) for _ in range(count)]
    except OSError as error:
        raise SettingsRefused(
            f"cannot listen on {host}:{port} ({error.strerror}): free the port, or set "
            "FASHION_HOST and FASHION_PORT."
        ) from error


def let_nobody_in(listener: socket.socket) -> None:
    """Have the system ignore whoever connects from now on; those who did are there to be accepted.

    A socket that is closed resets those who are in its line, and they may have sent a request. So
    the line has to end first. Where the system knows no such filters, nothing changes.
    """
    program = array("B", KEEP_NOTHING)
    described = struct.pack("HL", 1, program.buffer_info()[0])
    with contextlib.suppress(OSError):
        listener.setsockopt(socket.SOL_SOCKET, ATTACH_FILTER, described)


def url_of(listener: socket.socket) -> str:
    """Return where a listening socket is reached, such as http://127.0.0.1:8000."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _bound(family: int, host: str, port: int, *, shared: bool) -> socket.socket:
    # Named as TCP, or asyncio leaves Nagle's algorithm on and each answer waits 40 ms.
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        bound.bind((host, port))
    except OSError:
        bound.close()
        raise
    return bound


def _listening(bound: socket.socket) -> socket.socket:
    bound.listen(BACKLOG)
    return bound
