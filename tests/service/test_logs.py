import json
import logging

import pytest

from service.logs import configure_logs, fields


@pytest.fixture
def logged(capsys):
    """Configure logs, and read the lines that were written."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    configure_logs("info")
    yield lambda: [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    root.handlers, root.level = handlers, level


def test_a_record_is_one_json_line_with_its_fields(logged):
    logging.getLogger("somewhere").info("done", extra=fields(status=200, route="/predict"))

    (line,) = logged()
    assert line.pop("time").endswith("+00:00")
    assert line == {
        "level": "info",
        "logger": "somewhere",
        "message": "done",
        "status": 200,
        "route": "/predict",
    }


def test_line_ends_in_a_message_stay_inside_the_line(logged):
    logging.getLogger("somewhere").warning('a\nb"c')

    assert [line["message"] for line in logged()] == ['a\nb"c']


def test_a_traceback_is_a_field(logged):
    try:
        raise ValueError("this")
    except ValueError:
        logging.getLogger("somewhere").exception("failed")

    assert "ValueError: this" in logged()[0]["traceback"]


def test_lines_below_the_level_are_left_out(logged):
    logging.getLogger("somewhere").debug("hidden")

    assert logged() == []
