import pytest

from service.api.schemas import PredictOptions


@pytest.fixture(scope="module")
def document(client):
    return client.get("/openapi.json").json()


def test_every_endpoint_for_people_is_in_the_document(document):
    assert sorted(document["paths"]) == [
        "/classes",
        "/livez",
        "/metrics",
        "/model",
        "/model/reload",
        "/model/summary",
        "/predict",
        "/predict/batch",
        "/problems",
        "/problems/{slug}",
        "/readyz",
    ]


@pytest.mark.parametrize("path", ["/predict", "/predict/batch"])
def test_the_options_are_the_ones_that_are_read(document, path):
    parameters = document["paths"][path]["post"]["parameters"]

    assert [one["name"] for one in parameters] == list(PredictOptions.model_fields)
    assert all(one["in"] == "query" and one["description"] for one in parameters)


def test_the_docs_offer_a_file_picker(document):
    def form(path):
        body = document["paths"][path]["post"]["requestBody"]
        return body["content"]["multipart/form-data"]["schema"]["properties"]

    binary = {"type": "string", "format": "binary"}
    assert form("/predict") == {"file": binary}
    files = {"type": "array", "items": binary, "minItems": 1}
    assert form("/predict/batch") == {"files": files}


def test_each_way_to_send_a_picture_that_is_declared_is_taken(document, client, png, real_pixels):
    content = document["paths"]["/predict"]["post"]["requestBody"]["content"]
    boot = png(real_pixels[0])

    assert list(content) == ["multipart/form-data", "image/*", "application/octet-stream"]
    assert client.post("/predict", files={"file": boot}).status_code == 200
    for kind in ("image/*", "application/octet-stream"):
        answer = client.post("/predict", content=boot, headers={"Content-Type": kind})
        assert answer.status_code == 200


def test_every_reference_leads_somewhere(document):
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


def test_the_document_says_which_key_each_endpoint_asks_for(document):
    def security(method, path):
        return document["paths"][path][method]["security"]

    assert security("get", "/livez") == []
    assert security("post", "/predict") == [{}, {"key": []}, {"bearer": []}]
    assert security("post", "/model/reload") == [{"key": []}, {"bearer": []}]
    assert sorted(document["components"]["securitySchemes"]) == ["bearer", "key"]
