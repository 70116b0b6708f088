import numpy as np
import pytest

from service.fashion import to_rows
from service.model.classifier import Classifier
from service.model.export import compile_graph, keras_probabilities
from training.configure import configure
from training.recipes import RECIPES

SHAPES = {
    "softmax": ((784,), 7_850),
    "sigmoid": ((784,), 79_510),
    "relu": ((28, 28), 79_510),
    "dropout": ((28, 28), 79_510),
}


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_has_its_shape_and_size(name):
    model = RECIPES[name].build(configure(recipe=name))

    assert (model.input_shape[1:], model.count_params()) == SHAPES[name]
    assert model.output_shape == (None, 10)


@pytest.mark.parametrize("name", RECIPES)
def test_model_and_layers_carry_ascii_names(name):
    model = RECIPES[name].build(configure(recipe=name))

    assert model.name == name
    assert all(layer.name.isascii() and "_" not in layer.name for layer in model.layers)


def test_hidden_units_and_dropout_rate_are_obeyed():
    model = RECIPES["dropout"].build(configure(hidden_units=50, dropout_rate=0.1))

    assert model.get_layer("hidden").units == 50
    assert model.get_layer("dropout").rate == 0.1


def test_a_recipe_learns_real_pictures(fitted):
    assert fitted.facts.metrics["test"].accuracy > 0.6


def test_the_compiled_graph_answers_as_keras_does_on_real_pictures(fitted, data):
    rows = to_rows(data.test.pixels)

    answers = Classifier(compile_graph(fitted.model)).probabilities(rows)

    assert np.abs(answers - keras_probabilities(fitted.model, rows)).max() < 1e-5


def test_dropout_is_on_in_training_and_off_in_the_answers(data):
    model = RECIPES["dropout"].build(configure())
    rows = to_rows(data.test.pixels[:10])
    pictures = rows.reshape(-1, 28, 28)

    first, second = (np.asarray(model(pictures, training=True)) for _ in range(2))
    assert not np.array_equal(first, second)
    assert np.array_equal(keras_probabilities(model, rows), keras_probabilities(model, rows))
