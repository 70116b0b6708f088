"""Blocks of bytes between the supervisor and a worker, over a pair of sockets."""

import socket
import struct
from typing import Final

_LENGTH: Final = struct.Struct(">Q")


def send_block(channel: socket.socket, data: bytes) -> None:
    """Send one block.

    Raises:
        OSError: the other side is gone.
    """
    channel.sendall(_LENGTH.pack(len(data)) + data)


def receive_block(channel: socket.socket) -> bytes | None:
    """Wait for one block and return it; None if the other side is gone."""
    head = _receive(channel, _LENGTH.size)
    return None if head is None else _receive(channel, *_LENGTH.unpack(head))


def _receive(channel: socket.socket, size: int) -> bytes | None:
    data = bytearray()
    while len(data) < size:
        try:
            chunk = channel.recv(min(size - len(data), 2**20))
        except ConnectionResetError:
            return None
        if not chunk:
            return None
        data += chunk
    return bytes(data)
