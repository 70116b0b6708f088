import re

import pytest

from tests.problem import assert_problem


def test_the_home_page_leads_to_the_docs(client):
    assert client.get("/").headers["location"] == "docs"
    assert client.get("/", follow_redirects=True).url.path == "/docs"


def test_the_docs_load_nothing_but_the_services_own_files(client):
    page = client.get("/docs").text
    sources = re.findall(r'(?:src|href)="([^"]+)"', page)

    assert len(sources) == 4
    for source in sources:
        assert client.get(f"/{source}").status_code == 200
    assert "<script>" not in page


def test_the_docs_forbid_scripts_that_are_not_files(client):
    policy = client.get("/docs").headers["content-security-policy"]

    assert "default-src 'self'" in policy
    assert "script-src" not in policy


@pytest.mark.parametrize("name", ["other.js", "..%2f__init__.py"])
def test_no_other_file_is_given_out(client, name):
    assert_problem(client.get(f"/docs/{name}"), 404, "not-found")


def test_every_problem_has_a_page(client):
    for kind in client.get("/problems").json():
        assert client.get(f"/problems/{kind['slug']}").json() == kind


def test_an_unknown_problem_is_not_found(client):
    assert_problem(client.get("/problems/bad-luck"), 404, "not-found")
