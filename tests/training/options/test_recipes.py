import h5py
import numpy as np
import pytest

from service.fashion_mnist import to_rows
from service.model.classifier import Classifier
from service.model_file.export import compile_graph, keras_probabilities
from service.model_file.layer_rules import parse_config
from training.options.defaults import configure
from training.options.recipes import RECIPES

SHAPES = {
    "softmax": ((784,), 7_850),
    "sigmoid": ((784,), 79_510),
    "relu": ((28, 28), 79_510),
    "dropout": ((28, 28), 79_510),
    "cnn": ((28, 28), 344_674),
}


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_has_its_name_shape_and_size(name):
    model = RECIPES[name].build(configure(recipe=name))

    assert (model.input_shape[1:], model.count_params()) == SHAPES[name]
    assert model.name == name
    assert model.output_shape == (None, 10)


def test_hidden_units_and_dropout_rate_are_used():
    model = RECIPES["dropout"].build(configure(hidden_units=50, dropout_rate=0.1))

    assert model.get_layer("hidden").units == 50
    assert model.get_layer("dropout").rate == 0.1


def test_a_recipe_learns(fitted):
    assert fitted.metrics["test"].accuracy > 0.6


def test_the_compiled_graph_agrees_with_keras(fitted, data):
    rows = to_rows(data.test.pixels)

    compiled = Classifier(compile_graph(fitted.model)).probabilities(rows)

    assert np.abs(compiled - keras_probabilities(fitted.model, rows)).max() < 1e-5


def test_dropout_is_on_in_training_and_off_in_predictions(data):
    model = RECIPES["dropout"].build(configure())
    rows = to_rows(data.test.pixels[:10])
    pictures = rows.reshape(-1, 28, 28)

    first, second = (np.asarray(model(pictures, training=True)) for _ in range(2))
    assert not np.array_equal(first, second)
    assert np.array_equal(keras_probabilities(model, rows), keras_probabilities(model, rows))


@pytest.mark.parametrize("name", RECIPES)
def test_the_service_allows_the_layers_of_every_recipe(name, tmp_path):
    RECIPES[name].build(configure(recipe=name)).save(tmp_path / "plain.h5")

    with h5py.File(tmp_path / "plain.h5") as file:
        assert parse_config(file.attrs["model_config"])["config"]["name"] == name
