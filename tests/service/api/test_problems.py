import re
from pathlib import Path

import pytest

from service import errors
from service.api import problems
from service.api.problem_types import KINDS
from tests.problem import assert_problem

DOCS = Path(__file__).parents[3] / "docs" / "api.md"
SCOPE = {"path": "/predict", "state": {"request_id": "r-1"}}


def test_an_unknown_path_is_not_found(client):
    document = assert_problem(client.get("/nowhere%20é"), 404, "not-found")

    assert document["instance"] == "/nowhere%20%C3%A9"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [("GET", "/predict", "POST"), ("DELETE", "/model", "GET"), ("PUT", "/readyz", "GET")],
)
def test_a_wrong_method_names_the_right_ones(client, method, path, allowed):
    answer = client.request(method, path)

    assert_problem(answer, 405, "method-not-allowed")
    assert allowed in answer.headers["allow"]


def test_an_unexpected_error_is_an_internal_error_without_details():
    answer = problems.response(SCOPE, ZeroDivisionError("secret"))

    assert answer.status_code == 500
    assert b"secret" not in answer.body


@pytest.mark.parametrize("error", errors.RequestRefused.__subclasses__())
def test_every_refusal_has_a_problem_type(error):
    made = error.__new__(error)
    made.faults = ()

    assert 400 <= problems.response(SCOPE, made).status_code < 500


def test_the_docs_list_every_problem_type():
    table = re.findall(r"^\| (\d{3}) \| `([a-z-]+)` \|", DOCS.read_text(), re.MULTILINE)

    assert table == [(str(kind.status), kind.slug) for kind in KINDS]
