from dataclasses import replace

from service.model.examined import ExaminedModel


def test_it_survives_the_way_between_processes(dropout):
    model = replace(dropout, warnings=("one", "zwei é"))

    assert ExaminedModel.from_bytes(model.to_bytes()) == model
