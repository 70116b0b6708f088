import asyncio
import gc
import socket
import time
from contextlib import asynccontextmanager
from functools import partial

import pytest
import uvicorn
from uvicorn.server import ServerState

from service.config.settings import load_settings
from service.connection.protocol import Protocol, limited_protocol
from tests.problem import assert_problem
from tests.server import running_server
from tests.wire import connect, exchange, parse, read_to_end


@pytest.fixture
def connection(server):
    with connect(server, timeout=10) as connection:
        yield connection


END = b"\r\n\r\n"
GET = b"GET /livez HTTP/1.1\r\nHost: x" + END
HEAD = b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\n"
LAST = b"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close" + END


def test_head_and_body_of_a_response_arrive_together(connection):
    connection.sendall(GET)
    answer = connection.recv(65536)

    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert answer.endswith(b"}")


def test_pipelined_requests_are_answered_in_order(connection):
    last = b"GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    connection.sendall(GET * 3 + last)
    answers = read_to_end(connection)

    assert answers.count(b"HTTP/1.1 200 OK") == 4
    assert answers.rindex(b'"model"') > answers.rindex(b'"process"')


def test_an_idle_connection_is_closed_after_its_time():
    with running_server(keep_alive_seconds=1) as server, connect(server, timeout=10) as connection:
        for _ in range(3):
            connection.sendall(GET)
            assert connection.recv(65536).startswith(b"HTTP/1.1 200 OK")
            time.sleep(0.5)
        started = time.monotonic()

        assert connection.recv(1) == b""
        assert time.monotonic() - started < 5


def test_a_response_without_a_body_arrives(connection):
    connection.sendall(b"HEAD /docs/start.js HTTP/1.1\r\nHost: x\r\n\r\n")

    assert connection.recv(65536).endswith(b"\r\n\r\n")


async def answer_empty(scope, receive, send):
    """An ASGI app that reads a request and answers 204."""
    await receive()
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body"})


@asynccontextmanager
async def serving():
    """Serve in this process; yield a function that opens a connection."""
    config, state = uvicorn.Config(answer_empty, log_config=None), ServerState()
    config.load()
    make = limited_protocol(load_settings())
    protocol = partial(make, config=config, server_state=state, app_state={})
    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)
    yield partial(asyncio.open_connection, *server.sockets[0].getsockname())
    server.close()
    await server.wait_closed()
    await asyncio.sleep(0.1)


async def visit():
    async with serving() as open_connection:
        reader, writer = await open_connection()
        writer.write(LAST)
        assert (await reader.read()).startswith(b"HTTP/1.1 204")
        writer.close()


async def visit_next_to_another(*, ending):
    async with serving() as open_connection:
        _, other = await open_connection()
        other.write(HEAD + b"Content-Length: 3" + END)
        await asyncio.sleep(0.1)
        reader, writer = await open_connection()
        writer.write(GET)
        if ending:
            writer.write_eof()
        answer = await asyncio.wait_for(reader.readuntil(END), timeout=5)
        writer.close()
        other.close()
        return answer


@pytest.mark.parametrize("ending", [False, True])
def test_a_client_is_answered_while_another_sends_even_if_it_has_closed_its_direction(ending):
    assert asyncio.run(visit_next_to_another(ending=ending)).startswith(b"HTTP/1.1 204")


def test_a_closed_connection_leaves_nothing_for_the_garbage_collector():
    gc.collect()
    gc.disable()
    try:
        asyncio.run(visit())
        assert not [one for one in gc.get_objects() if isinstance(one, Protocol)]
    finally:
        gc.enable()


CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n"
UPGRADE = b"Connection: Upgrade\r\nUpgrade: h2c\r\n"


@pytest.mark.parametrize(
    "data",
    [
        b"what is this\r\n\r\n",
        b"\x16\x03\x01\x02\x00",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET /%s HTTP/1.1\r\n\r\n" % "h\u00e9".encode(),
        b"CONNECT example.org:443 HTTP/1.1\r\n\r\n",
        b"GET /livez HTTP/1.1\r\nHost : x\r\n\r\n",
        b"GET /livez HTTP/1.1\r\nA: x\r\n folded\r\n\r\n",
        HEAD + b"Content-Length: abc\r\n\r\n",
        HEAD + b"Content-Length: -1\r\n\r\n",
        HEAD + b"Content-Length: 99999999999999999999999\r\n\r\n",
        HEAD + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        CHUNKED + b"Content-Length: 5\r\n\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding: gzip\r\n\r\n",
        CHUNKED + b"\r\nzz\r\n",
        CHUNKED + b"\r\n2\r\nabc\r\n0\r\n\r\n",
        HEAD + UPGRADE + b"Content-Length: 3\r\n\r\nabc",
    ],
)
def test_an_invalid_request_is_refused_with_a_problem_and_closed(server, data):
    (answer,) = exchange(server, data + GET)

    assert_problem(answer, 400, "malformed-request")
    assert answer.headers["connection"] == "close"


@pytest.mark.parametrize(
    "data",
    [
        b"GET /livez HTTP/1.1\r\nX: " + b"a" * 20_000 + b"\r\n\r\n",
        b"GET /livez HTTP/1.1\r\nX: " + b"a" * 20_000,
        b"GET /livez HTTP/1.1\r\nX: " + b"a" * 32 * 2**20,
        b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\n\r\n",
        b"GET /livez HTTP/1.1\r\n" + b"X: a\r\n" * 101 + b"\r\n",
    ],
)
def test_headers_that_are_too_large_are_refused(server, data):
    (answer,) = exchange(server, data)

    assert_problem(answer, 431, "headers-too-large")


def test_headers_that_are_too_large_are_refused_behind_another_request_too(server):
    first, second = exchange(server, GET + b"GET /livez HTTP/1.1\r\nX: " + b"a" * 20_000 + END)

    assert first.status_code == 200
    assert_problem(second, 431, "headers-too-large")


def test_headers_within_the_limits_are_accepted(server):
    fields = b"".join(b"X-%d: %s\r\n" % (number, b"a" * 120) for number in range(98))
    (answer,) = exchange(server, b"GET /livez HTTP/1.1\r\n" + fields + b"Connection: close" + END)

    assert answer.status_code == 200


def test_an_error_waits_for_the_responses_before_it(server):
    answers = exchange(server, GET * 2 + b"what is this\r\n\r\n")

    assert [answer.status_code for answer in answers] == [200, 200, 400]


def test_too_many_pipelined_requests_are_refused(server):
    answers = exchange(server, GET * 40)

    assert {answer.status_code for answer in answers[:-1]} == {200}
    assert_problem(answers[-1], 400, "malformed-request")


def test_a_trailer_field_is_no_header_and_not_collected(server):
    trailer = CHUNKED + b"\r\n1\r\na\r\n0\r\nX: " + b"a" * 200_000
    (answer,) = exchange(server, trailer)

    assert_problem(answer, 400, "malformed-request")


def test_a_body_shorter_than_its_content_length_is_refused(server):
    with connect(server) as connection:
        connection.sendall(HEAD + b"Content-Length: 100\r\n\r\nabc")
        connection.shutdown(socket.SHUT_WR)
        (answer,) = parse(read_to_end(connection))

    assert_problem(answer, 400, "malformed-request")


def test_a_request_to_upgrade_is_answered_in_http(server):
    (answer,) = exchange(server, b"GET /livez HTTP/1.1\r\n" + UPGRADE + b"\r\n")

    assert answer.status_code == 200


def test_a_body_that_no_endpoint_reads_does_not_harm_the_next_request(server):
    body = b"a" * 300_000
    head = HEAD.replace(b"image/png", b"text/plain") + b"Content-Length: %d\r\n\r\n" % len(body)
    first, second = exchange(server, head + body + LAST)

    assert (first.status_code, second.status_code) == (415, 200)


def test_a_client_refused_before_it_sent_its_body_cannot_smuggle_a_request(server):
    head = HEAD.replace(b"image/png", b"text/plain")
    (answer,) = exchange(server, head + b"Content-Length: 99\r\nExpect: 100-continue\r\n\r\n")

    assert answer.status_code == 415
    assert answer.headers["connection"] == "close"


@pytest.fixture(scope="module")
def strict_server():
    with running_server(access_log=False, header_seconds=1, stall_seconds=1) as running:
        yield running


@pytest.mark.parametrize("data", [b"G", b"\r\n", GET + b"GET /li", HEAD + b"X: "])
def test_headers_that_do_not_end_time_out(strict_server, data):
    *before, last = exchange(strict_server, data)

    assert all(answer.status_code == 200 for answer in before)
    assert_problem(last, 408, "request-timeout")


@pytest.mark.parametrize(
    "data",
    [
        HEAD + b"Content-Length: 1000\r\n\r\n",
        HEAD + b"Content-Length: 8000000\r\n\r\n" + b"a" * 4_000_000,
        CHUNKED + b"\r\n5\r\nabc",
    ],
)
def test_bodies_that_do_not_end_time_out(strict_server, data):
    (answer,) = exchange(strict_server, data)

    assert_problem(answer, 408, "request-timeout")
    assert answer.headers["connection"] == "close"


def test_a_connection_that_never_asks_for_anything_is_closed_silently(strict_server):
    assert exchange(strict_server, b"") == []


def test_a_slow_body_that_keeps_the_pace_is_accepted(strict_server):
    with connect(strict_server) as connection:
        connection.sendall(HEAD + b"Content-Length: 40000\r\nConnection: close\r\n\r\n")
        for _ in range(10):
            connection.sendall(b"a" * 4000)
            time.sleep(0.25)
        (answer,) = parse(read_to_end(connection))

    assert_problem(answer, 415, "unsupported-media-type")


def send_until_cut(connection, data):
    while True:
        connection.sendall(data)
        time.sleep(0.05)


def test_a_client_that_reads_no_responses_is_cut(strict_server):
    part = b'--b\r\nContent-Disposition: form-data; name="files"; filename="f"\r\n\r\nx\r\n'
    form = part * 1000 + b"--b--"
    head = HEAD.replace(b"/predict", b"/predict/batch")
    head = head.replace(b"image/png", b"multipart/form-data; boundary=b")
    ask = head + b"Content-Length: %d\r\n\r\n" % len(form) + form
    with connect(strict_server) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.sendall(ask * 20)
        with pytest.raises(ConnectionError):
            send_until_cut(connection, b"GET")
