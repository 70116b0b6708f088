"""The shape of every problem document."""


def assert_problem(answer, status, slug):
    """Check that an answer is this problem, and return its document."""
    assert answer.headers["content-type"] == "application/problem+json"
    document = answer.json()
    assert (answer.status_code, document["type"]) == (status, f"/problems/{slug}"), document
    assert document["status"] == status
    assert document["title"]
    assert document["detail"]
    assert document["request_id"] == answer.headers["x-request-id"]
    return document
