"""The listening sockets, one for each worker."""

import contextlib
import socket
import struct
from array import array
from typing import Final

from service.errors import SettingsRefused

BACKLOG: Final = 2048
"""Connections that may wait to be accepted; the system's own limit is often lower."""

SO_ATTACH_FILTER: Final = 26
"""Linux's socket option, which Python's `socket` lacks."""

DROP_ALL: Final = struct.pack("HBBI", 6, 0, 0, 0)
"""A packet filter of one instruction: keep no byte of any packet."""


def open_sockets(host: str, port: int, count: int) -> list[socket.socket]:
    """Return `count` sockets that listen on one address and share its connections.

    A burst of connections to one shared socket can land on a single worker. So each worker has a
    socket of its own (SO_REUSEPORT), and the system spreads the connections. As a second service
    could then join the port in silence, the port is first bound without SO_REUSEPORT.

    Raises:
        SettingsRefused: the address is taken, or not an address of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with _bind(family, host, port, shared=False) as probe:
            port = probe.getsockname()[1]
            sockets = [probe.dup()] if count == 1 else []
        sockets = sockets or [_bind(family, host, port, shared=True) for _ in range(count)]
        for listener in sockets:
            listener.listen(BACKLOG)
    except OSError as error:
        raise SettingsRefused(
            f"cannot listen on {host}:{port} ({error.strerror}): free the port, or set "
            "FASHION_HOST and FASHION_PORT."
        ) from error
    return sockets


def ignore_new_connections(listener: socket.socket) -> None:
    """Have the system drop new connections; those in the backlog can still be accepted.

    Closing the socket would reset the connections in its backlog, which may have sent a request. So
    the backlog must empty first. Systems other than Linux have no such filter: nothing happens.
    """
    program = array("B", DROP_ALL)
    described = struct.pack("HL", 1, program.buffer_info()[0])
    with contextlib.suppress(OSError):
        listener.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, described)


def url_of(listener: socket.socket) -> str:
    """Return the URL of a listening socket, such as http://127.0.0.1:8000."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _bind(family: int, host: str, port: int, *, shared: bool) -> socket.socket:
    # asyncio sets TCP_NODELAY only if the protocol is named; else each answer waits 40 ms.
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
