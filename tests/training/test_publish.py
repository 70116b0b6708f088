import pytest

from service.errors import ModelRefused
from service.model.examined import ExaminedModel
from service.model.facts import Facts
from service.model_file import hdf5
from service.model_file.examiner import examine
from service.model_file.export import describe
from training import publish as module
from training.publish import OutputRefused, check_output, convert, publish, versions


@pytest.fixture
def publish_small(network, data):
    """Publish a small network."""

    def run(output, model=None):
        model = model or network()
        facts = Facts(architecture=describe(model), recipe="test")
        return publish(model, facts, data.test.pixels[:8], output)

    return run


def test_a_published_file_may_serve(publish_small, tmp_path):
    examined = publish_small(tmp_path / "model.h5")

    assert examined.facts.recipe == "test"
    assert ExaminedModel.from_bytes(examine(tmp_path / "model.h5")) == examined
    assert [path.name for path in tmp_path.iterdir()] == ["model.h5"]


def test_keras_opens_a_published_file(publish_small, network, tmp_path, digest):
    import keras

    publish_small(tmp_path / "model.h5")

    opened = keras.saving.load_model(tmp_path / "model.h5", compile=False)
    assert digest(opened) == digest(network())


def test_a_network_that_the_service_refuses_leaves_the_earlier_file(
    publish_small, network, tmp_path
):
    output = tmp_path / "model.h5"
    output.write_bytes(b"the earlier file")

    with pytest.raises(ModelRefused):
        publish_small(output, network(last="linear"))

    assert output.read_bytes() == b"the earlier file"
    assert list(tmp_path.iterdir()) == [output]


@pytest.mark.parametrize("step", ["add_parts", "examine"])
def test_ctrl_c_leaves_the_earlier_file(step, publish_small, tmp_path, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    output = tmp_path / "model.h5"
    output.write_bytes(b"the earlier file")
    monkeypatch.setattr(module, step, interrupted)

    with pytest.raises(KeyboardInterrupt):
        publish_small(output)

    assert output.read_bytes() == b"the earlier file"
    assert list(tmp_path.iterdir()) == [output]


def test_the_file_is_examined_before_it_is_put_in_place(publish_small, tmp_path, monkeypatch):
    def forget_the_parts(path, *_):
        with hdf5.h5py.File(path, "r+") as opened:
            opened.create_group(hdf5.GROUP)

    monkeypatch.setattr(module, "add_parts", forget_the_parts)

    with pytest.raises(ModelRefused, match="may not serve"):
        publish_small(tmp_path / "model.h5")

    assert list(tmp_path.iterdir()) == []


def test_the_folder_of_an_output_is_made(tmp_path):
    check_output(tmp_path / "new" / "model.h5")

    assert list((tmp_path / "new").iterdir()) == []


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        ("model.keras", r"--output must end in \.h5; .*model\.keras was given"),
        ("folder.h5", "is a folder"),
        ("file/below/model.h5", r"cannot be written \(Not a directory\)"),
    ],
)
def test_an_output_that_cannot_be_written_is_refused(output, reason, tmp_path):
    (tmp_path / "folder.h5").mkdir()
    (tmp_path / "file").touch()

    with pytest.raises(OutputRefused, match=reason):
        check_output(tmp_path / output)


def test_versions_name_the_packages_that_decide_the_weights():
    assert versions().keys() == {
        "python",
        "fashion-mnist-serving",
        "tensorflow",
        "keras",
        "numpy",
    }


@pytest.fixture
def plain(tmp_path, network):
    """Save a network as Keras alone does."""

    def save(**given):
        path = tmp_path / "plain.h5"
        network(**given).save(path)
        return path

    return save


@pytest.mark.parametrize("shape", [(784,), (28, 28), (28, 28, 1)])
def test_a_converted_file_may_serve(shape, plain, tmp_path):
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

    with pytest.raises(ModelRefused, match=rf"^{path} cannot be converted: its input shape"):
        convert(path, tmp_path / "ours.h5")


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ModelRefused, match="does not exist"):
        convert(tmp_path / "nowhere.h5", tmp_path / "ours.h5")


def test_half_a_file_is_refused(plain, tmp_path):
    path = plain()
    path.write_bytes(path.read_bytes()[:5000])

    with pytest.raises(ModelRefused, match="cannot be converted: Keras cannot load it"):
        convert(path, tmp_path / "ours.h5")


def test_converting_to_another_suffix_is_refused(plain, tmp_path):
    with pytest.raises(OutputRefused, match="must end in"):
        convert(plain(), tmp_path / "ours.keras")
