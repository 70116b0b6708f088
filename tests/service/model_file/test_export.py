from pathlib import Path

import keras
import numpy as np
import pytest

from service.errors import ModelRefused
from service.fashion_mnist import to_rows
from service.model.classifier import Classifier
from service.model_file import export

KERAS_2 = Path(__file__).parents[2] / "data" / "keras-2.h5"


@pytest.mark.parametrize("shape", [(784,), (28, 28), (28, 28, 1)])
def test_the_graph_takes_rows_for_every_input_shape_and_agrees_with_keras(
    network, real_pixels, shape
):
    model = network(shape)
    rows = to_rows(real_pixels)
    answers = Classifier(export.compile_graph(model)).probabilities(rows)

    assert answers == pytest.approx(
        np.asarray(model(rows.reshape(-1, *shape), training=False)), abs=1e-5
    )


def test_dropout_is_off_in_the_graph(network, real_pixels):
    model = network()
    rows = to_rows(real_pixels[:100])
    classifier = Classifier(export.compile_graph(model))
    trained_with = np.asarray(model(rows.reshape(-1, 28, 28), training=True))

    assert (classifier.probabilities(rows) == classifier.probabilities(rows)).all()
    assert np.abs(classifier.probabilities(rows) - trained_with).max() > 0.01


def test_a_network_that_outputs_logits_is_refused(network):
    with pytest.raises(ModelRefused, match="softmax"):
        export.compile_graph(network(last=None))


@pytest.mark.parametrize(("shape", "outputs"), [((32, 32), 10), ((28, 28), 9)])
def test_a_network_of_another_shape_is_refused(network, tmp_path, shape, outputs):
    network(shape, outputs=outputs).save(tmp_path / "model.h5")

    with pytest.raises(ModelRefused, match="its input shape is"):
        export.load(tmp_path / "model.h5")


def test_a_model_whose_name_is_not_ascii_can_be_exported(network, real_pixels, tmp_path):
    model = network(name="패션_MNIST_모델")
    model.save(tmp_path / "model.h5")
    loaded = export.load(tmp_path / "model.h5")

    rows = to_rows(real_pixels[:10])
    assert loaded.name.isascii()
    assert export.keras_probabilities(loaded, rows) == pytest.approx(
        export.keras_probabilities(model, rows), abs=1e-6
    )
    export.compile_graph(loaded)


def test_a_keras_2_file_loads_and_classifies(real_pixels, real_labels):
    model = export.load(KERAS_2)
    answers = Classifier(export.compile_graph(model)).probabilities(to_rows(real_pixels))

    assert (answers.argmax(axis=1) == real_labels).mean() > 0.75


def test_a_lambda_is_refused_without_running_its_code(tmp_path):
    marker = tmp_path / "ran"
    layers = [
        keras.Input((784,)),
        keras.layers.Lambda(lambda x, where=str(marker): (open(where, "w").close(), x)[1]),
        keras.layers.Dense(10, "softmax"),
    ]
    keras.Sequential(layers).save(tmp_path / "model.h5")
    marker.unlink(missing_ok=True)

    with pytest.raises(ModelRefused, match="Keras cannot load it"):
        export.load(tmp_path / "model.h5")
    assert not marker.exists()


def test_layers_are_described_as_data_and_as_keras_prints_them(network):
    architecture = export.describe(network())

    names = [layer.name for layer in architecture.layers]
    assert names == ["pixels", "hidden", "dropout", "classes"]
    assert architecture.layers[1].output_shape == (None, 20)
    assert architecture.parameters.total == 784 * 20 + 20 + 20 * 10 + 10
    assert "hidden (Dense)" in architecture.summary


def test_golden_examples_have_the_outputs_of_keras(network, real_pixels):
    model = network()
    golden = export.golden_examples(model, real_pixels[:4])

    assert (golden.pixels == real_pixels[:4]).all()
    assert golden.outputs == pytest.approx(
        model.predict(real_pixels[:4] / 255, verbose=0), abs=1e-6
    )
