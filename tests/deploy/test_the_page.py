"""docs/deployment.md: the tests before this one have run each of its commands."""

import re

import pytest

from tests.deploy.engine import EXECUTED, NAME, ROOT, data_folder

pytestmark = pytest.mark.docker

SHOWN_AS = {
    NAME: "fashion",
    r"127\.0\.0\.1:\d+:8000": "127.0.0.1:8000:8000",
    f"{ROOT}/tests/data:": "/path/to/models:",
    re.escape(str(data_folder())): "/path/to/data",
    r"/\S+/backup\.h5": "backup.h5",
}
"""What the tests use, and what the page has in its place."""


def test_every_command_of_the_page_was_run():
    executed = "\n".join(["", *EXECUTED])
    for ours, shown in SHOWN_AS.items():
        executed = re.sub(ours, shown, executed)
    page = (ROOT / "docs" / "deployment.md").read_text().replace("\\\n", " ")
    commands = re.findall(r"^\$ (?:\w+=\S+ )*(.*)$", page, re.MULTILINE)

    assert [one for one in commands if f"\n{' '.join(one.split())}" not in executed] == []
