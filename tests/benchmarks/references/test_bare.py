import asyncio

from benchmarks.references import bare


def test_its_answer_has_the_shape_of_a_prediction():
    probabilities = bare.FIXED["probabilities"]

    assert len(probabilities) == 10
    assert bare.FIXED["confidence"] == max(probabilities)


def test_it_reads_a_file_and_a_body():
    paths = {route.path for route in bare.app.routes}

    assert {"/predict", "/raw"} <= paths
    assert asyncio.iscoroutinefunction(bare.predict)
