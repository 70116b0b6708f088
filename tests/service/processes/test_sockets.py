import select
import socket

import pytest

from service.errors import SettingsRefused
from service.processes.sockets import ignore_new_connections, open_sockets, url_of


@pytest.fixture
def listen():
    """Return a function that opens sockets, which are closed after the test."""
    opened = []

    def open_some(host="127.0.0.1", port=0, count=1):
        opened.extend(listeners := open_sockets(host, port, count))
        return listeners

    yield open_some
    for listener in opened:
        listener.close()


def test_one_worker_gets_one_socket(listen):
    (listener,) = listen()

    with socket.create_connection(listener.getsockname()):
        assert select.select([listener], [], [], 5)[0]


def test_ignoring_new_connections_keeps_those_in_the_backlog(listen):
    (listener,) = listen()
    with socket.create_connection(listener.getsockname()) as early:
        ignore_new_connections(listener)
        with pytest.raises(TimeoutError):
            socket.create_connection(listener.getsockname(), timeout=0.2)

        early.sendall(b"x")
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.recv(1) == b"x"
        assert not select.select([listener], [], [], 0)[0]


def test_the_sockets_of_several_workers_share_the_connections_of_one_port(listen):
    listeners = listen(count=2)
    assert len({listener.getsockname() for listener in listeners}) == 1

    connections = [socket.create_connection(listeners[0].getsockname()) for _ in range(64)]
    readable, _, _ = select.select(listeners, [], [], 5)
    for connection in connections:
        connection.close()
    assert len(readable) == 2


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize("taken_by", [1, 2])
def test_a_port_in_use_is_refused_whether_it_is_shared_or_not(listen, count, taken_by):
    port = listen(count=taken_by)[0].getsockname()[1]

    with pytest.raises(SettingsRefused, match=rf"cannot listen on 127\.0\.0\.1:{port} \("):
        listen(port=port, count=count)


def test_accepted_connections_are_tcp_for_asyncio_so_responses_are_not_delayed(listen):
    (listener,) = listen()

    with socket.create_connection(listener.getsockname()):
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.proto == socket.IPPROTO_TCP


def test_an_ipv6_address_is_accepted(listen):
    (listener,) = listen(host="::1")

    assert listener.family == socket.AF_INET6
    assert url_of(listener) == f"http://[::1]:{listener.getsockname()[1]}"


def test_an_unknown_host_is_refused(listen):
    with pytest.raises(SettingsRefused, match=r"cannot listen on no\.such\.host"):
        listen(host="no.such.host.invalid")
