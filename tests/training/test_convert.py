import pytest

from service.errors import ModelRefused
from service.model.examined import ExaminedModel
from service.model.examiner import examine
from training.convert import convert
from training.publish import OutputRefused


@pytest.fixture
def plain(tmp_path, network):
    """Save a network as Keras alone does."""

    def save(**given):
        path = tmp_path / "plain.h5"
        network(**given).save(path)
        return path

    return save


@pytest.mark.parametrize("shape", [(784,), (28, 28), (28, 28, 1)])
def test_a_plain_file_becomes_one_that_may_serve(shape, plain, tmp_path):
    output = tmp_path / "ours.h5"

    facts = convert(plain(shape=shape), output)

    examined = ExaminedModel.from_bytes(examine(output))
    assert examined.facts == facts
    assert examined.warnings == ()
    assert (facts.recipe, facts.data, facts.metrics) == (None, None, {})


def test_a_file_by_keras_2_is_converted(tmp_path):
    convert(tmp_path.__class__("tests/data/keras-2.h5"), tmp_path / "ours.h5")

    assert ExaminedModel.from_bytes(examine(tmp_path / "ours.h5")).warnings == ()


def test_a_network_that_is_not_for_pictures_is_refused(plain, tmp_path):
    path = plain(outputs=3)

    with pytest.raises(ModelRefused, match=rf"^{path} cannot be converted: it takes"):
        convert(path, tmp_path / "ours.h5")


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ModelRefused, match="is not there to be converted"):
        convert(tmp_path / "nowhere.h5", tmp_path / "ours.h5")


def test_half_a_file_is_refused(plain, tmp_path):
    path = plain()
    path.write_bytes(path.read_bytes()[:5000])

    with pytest.raises(ModelRefused, match="cannot be converted: Keras cannot load it"):
        convert(path, tmp_path / "ours.h5")


def test_an_output_that_cannot_be_is_refused(plain, tmp_path):
    with pytest.raises(OutputRefused, match="must end in"):
        convert(plain(), tmp_path / "ours.keras")
