from benchmarks.references import bare


def test_its_answer_has_the_shape_of_a_prediction():
    assert len(bare.FIXED["probabilities"]) == 10
    assert bare.FIXED["confidence"] == max(bare.FIXED["probabilities"])
