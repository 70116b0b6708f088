from dataclasses import replace

from service.model.examined import ExaminedModel


def test_what_is_serialized_is_deserialized(dropout):
    model = replace(dropout, warnings=("one", "zwei é\n"))

    assert ExaminedModel.from_bytes(model.to_bytes()) == model
