import socket

import pytest


@pytest.fixture
def connection(server):
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        yield connection


GET = b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"


def test_head_and_body_of_an_answer_arrive_together(connection):
    connection.sendall(GET)
    answer = connection.recv(65536)

    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert answer.endswith(b"}")


def test_requests_sent_at_once_are_answered_in_order(connection):
    last = b"GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    connection.sendall(GET * 3 + last)
    answers = b""
    while chunk := connection.recv(65536):
        answers += chunk

    assert answers.count(b"HTTP/1.1 200 OK") == 4
    assert answers.rindex(b'"model"') > answers.rindex(b'"process"')


def test_an_answer_without_a_body_arrives_too(connection):
    connection.sendall(b"HEAD /docs/start.js HTTP/1.1\r\nHost: x\r\n\r\n")

    assert connection.recv(65536).endswith(b"\r\n\r\n")
