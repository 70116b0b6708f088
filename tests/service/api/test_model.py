import pytest

from service.fashion_mnist import CLASS_NAMES


def test_the_card_holds_what_the_file_says_about_the_model(client, examined):
    card = client.get("/model").json()

    assert card["digest"] == examined.digest
    assert card["warnings"] == []
    assert card["facts"]["recipe"] == "cnn"
    assert card["facts"]["metrics"]["test"]["accuracy"] > 0.8
    assert card["facts"]["data"]["name"] == "official"


def test_the_summary_lists_the_layers(client):
    summary = client.get("/model/summary").json()

    assert summary["parameters"] == {"total": 344674, "trainable": 343666, "non_trainable": 1008}
    assert [layer["type"] for layer in summary["layers"][:2]] == ["Reshape", "Conv2D"]
    assert summary["layers"][-1]["output_shape"] == [None, 10]


def test_the_summary_as_text_is_what_keras_prints(client, examined):
    answer = client.get("/model/summary", headers={"Accept": "text/plain"})

    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.text == examined.facts.architecture.summary
    assert "Total params: 344,674" in answer.text


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("text/plain, application/json;q=0.5", "text/plain; charset=utf-8"),
        ("application/json, text/plain, */*", "application/json"),
        ("*/*", "application/json"),
        ("", "application/json"),
    ],
)
def test_text_is_for_clients_that_name_it_before_json(client, accept, kind):
    answer = client.get("/model/summary", headers={"Accept": accept})

    assert answer.headers["content-type"] == kind
    assert answer.headers["vary"] == "Accept"


def test_the_classes_are_listed_in_order(client):
    assert client.get("/classes").json() == [
        {"class_index": index, "class_name": name} for index, name in enumerate(CLASS_NAMES)
    ]
