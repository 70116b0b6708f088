import json
import logging

import pytest

from service.logs import configure_logs, fields


@pytest.fixture
def logged(capsys):
    """Run a function with logs configured; return the lines it wrote."""
    root = logging.getLogger()

    def call(function):
        handlers, level = root.handlers[:], root.level
        configure_logs("info")
        function(logging.getLogger("somewhere"))
        root.handlers, root.level = handlers, level
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return call


def test_a_record_is_one_json_line_with_its_fields(logged):
    (line,) = logged(lambda log: log.info("done", extra=fields(status=200, route="/predict")))

    assert line.pop("time").endswith("+00:00")
    assert line == {
        "level": "info",
        "logger": "somewhere",
        "message": "done",
        "status": 200,
        "route": "/predict",
    }


def test_line_ends_in_a_message_are_escaped(logged):
    lines = logged(lambda log: log.warning('a\nb"c'))

    assert [line["message"] for line in lines] == ['a\nb"c']


def test_a_traceback_is_a_field(logged):
    (line,) = logged(lambda log: log.error("failed", exc_info=ValueError("this")))

    assert "ValueError: this" in line["traceback"]


def test_records_below_the_level_are_dropped(logged):
    assert logged(lambda log: log.debug("hidden")) == []
