import re

import pytest

from service.api.schemas import PredictOptions
from tests.problem import assert_problem


def test_the_home_page_redirects_to_the_docs(client):
    assert client.get("/").headers["location"] == "docs"
    assert client.get("/", follow_redirects=True).url.path == "/docs"


def test_the_docs_load_only_the_services_own_files(client):
    page = client.get("/docs").text
    sources = re.findall(r'(?:src|href)="([^"]+)"', page)

    assert len(sources) == 4
    for source in sources:
        assert client.get(f"/{source}").status_code == 200
    assert "<script>" not in page


def test_the_docs_allow_no_inline_scripts_and_no_frames(client):
    headers = client.get("/docs").headers

    assert "default-src 'self'" in headers["content-security-policy"]
    assert "script-src" not in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize("path", ["/docs/other.js", "/docs/..%2f__init__.py", "/problems/bad-luck"])
def test_no_other_page_is_served(client, path):
    assert_problem(client.get(path), 404, "not-found")


def test_every_problem_has_a_page(client):
    for kind in client.get("/problems").json():
        assert client.get(f"/problems/{kind['slug']}").json() == kind


@pytest.fixture(scope="module")
def document(client):
    return client.get("/openapi.json").json()


@pytest.mark.parametrize("path", ["/predict", "/predict/batch"])
def test_the_options_are_declared_as_query_parameters(document, path):
    parameters = document["paths"][path]["post"]["parameters"]

    assert [one["name"] for one in parameters] == list(PredictOptions.model_fields)
    assert all(one["in"] == "query" and one["description"] for one in parameters)


def test_the_docs_offer_a_file_picker(document):
    def content(path):
        return document["paths"][path]["post"]["requestBody"]["content"]

    def form(path):
        return content(path)["multipart/form-data"]["schema"]["properties"]

    binary = {"type": "string", "format": "binary"}
    assert form("/predict") == {"file": binary}
    assert form("/predict/batch")["files"]["items"] == binary
    assert list(content("/predict")) == [
        "multipart/form-data",
        "image/*",
        "application/octet-stream",
    ]


def test_every_reference_can_be_resolved(document):
    schemas = document["components"]["schemas"]

    for target in references(document):
        assert target.removeprefix("#/components/schemas/") in schemas


def test_every_endpoint_declares_the_problem_document(document):
    for path in document["paths"].values():
        for operation in path.values():
            assert "application/problem+json" in operation["responses"]["default"]["content"]


def references(node):
    if isinstance(node, list):
        node = dict(enumerate(node))
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref":
                yield value
            else:
                yield from references(value)


def test_the_document_says_which_key_an_endpoint_needs(document):
    def security(method, path):
        return document["paths"][path][method].get("security")

    assert security("get", "/livez") is None
    assert security("post", "/predict") == [{"key": []}, {"bearer": []}, {}]
    assert security("post", "/model/reload") == [{"key": []}, {"bearer": []}]
    assert sorted(document["components"]["securitySchemes"]) == ["bearer", "key"]
