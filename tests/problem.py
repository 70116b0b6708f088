"""What a problem document must look like, whoever sends it."""


def assert_problem(answer, status, slug):
    """Return the problem document of an answer, which must be of this kind."""
    assert answer.headers["content-type"] == "application/problem+json"
    document = answer.json()
    assert (answer.status_code, document["type"]) == (status, f"/problems/{slug}"), document
    assert document["status"] == status
    assert document["title"]
    assert document["detail"]
    assert document["request_id"] == answer.headers["x-request-id"]
    return document
