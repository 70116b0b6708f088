import keras
import numpy as np
import pytest

from service.model_file.im2col import Windows, with_windows

MAPS = np.random.default_rng(1).random((5, 3, 3, 4), np.float32)


def network(shape, **options):
    """A network whose last layer is a convolution named `small`."""
    options = {"filters": 6, "kernel_size": 3, "padding": "same", "name": "small"} | options
    layers = [keras.Input(shape), keras.layers.ReLU(), keras.layers.Conv2D(**options)]
    model = keras.Sequential(layers)
    for weight in model.weights:  # a bias starts at 0, which would hide it
        weight.assign(np.random.default_rng(2).normal(size=weight.shape))
    return model


def answers(model, maps):
    return keras.ops.convert_to_numpy(model(maps))


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"use_bias": False},
        {"activation": "relu"},
        {"activation": "softmax"},
        {"kernel_size": 1},
        {"kernel_size": 2},
        {"kernel_size": 5},
        {"kernel_size": (1, 4)},
    ],
)
def test_a_convolution_over_small_maps_answers_the_same_as_a_product(options):
    model = network((3, 3, 4), **options)
    other = with_windows(model)

    assert isinstance(other.get_layer("small"), Windows)
    assert answers(other, MAPS) == pytest.approx(answers(model, MAPS), abs=1e-5)


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1), (2, 4), (3, 2)])
def test_a_small_map_may_have_any_shape(shape):
    model = network((*shape, 4))
    maps = np.random.default_rng(3).random((5, *shape, 4), np.float32)

    assert answers(with_windows(model), maps) == pytest.approx(answers(model, maps), abs=1e-5)


def test_larger_maps_go_through_the_convolution_itself():
    model = network((4, 4, 4))
    maps = np.random.default_rng(3).random((5, 4, 4, 4), np.float32)

    other = with_windows(model)

    assert isinstance(other.get_layer("small"), Windows)
    assert (answers(other, maps) == answers(model, maps)).all()


@pytest.mark.parametrize(
    "options",
    [{"padding": "valid"}, {"strides": 2}, {"dilation_rate": 2}, {"groups": 2}],
)
def test_a_convolution_of_another_kind_stays(options):
    model = network((3, 3, 4), **options)
    other = with_windows(model)

    assert other.get_layer("small") is model.get_layer("small")
    assert answers(other, MAPS) == pytest.approx(answers(model, MAPS))


def test_a_convolution_that_sees_maps_of_two_sizes_stays_one():
    convolution = keras.layers.Conv2D(4, 3, padding="same")
    maps = keras.Input((6, 6, 4))
    large = convolution(maps)
    model = keras.Model(maps, convolution(keras.layers.MaxPooling2D(2)(large)))
    pictures = np.random.default_rng(4).random((5, 6, 6, 4), np.float32)

    assert answers(with_windows(model), pictures) == pytest.approx(
        answers(model, pictures), abs=1e-5
    )


@pytest.mark.parametrize("inputs", [(None, None, 4), (3, None, 4)])
def test_a_network_within_that_takes_maps_of_any_size_still_does(inputs):
    maps = keras.Input((3, 3, 4))
    model = keras.Model(maps, network(inputs)(maps))

    assert answers(with_windows(model), MAPS) == pytest.approx(answers(model, MAPS), abs=1e-5)


def test_a_kernel_that_looks_mostly_beside_the_map_goes_through_the_convolution_itself():
    model = network((3, 3, 4), kernel_size=101)

    assert (answers(with_windows(model), MAPS) == answers(model, MAPS)).all()


def test_a_model_may_be_compiled_with_a_loss_of_its_own():
    model = network((3, 3, 4))
    model.compile(loss=lambda right, found: keras.ops.mean(found - right))

    assert answers(with_windows(model), MAPS) == pytest.approx(answers(model, MAPS), abs=1e-5)


def test_a_convolution_in_a_network_within_a_network_is_found():
    maps = keras.Input((3, 3, 4))
    inner = network((3, 3, 4))
    model = keras.Model(maps, keras.layers.Flatten()(inner(maps)))
    other = with_windows(model)

    assert isinstance(other.get_layer(inner.name).get_layer("small"), Windows)
    assert answers(other, MAPS) == pytest.approx(answers(model, MAPS), abs=1e-5)


def test_the_model_itself_is_left_as_it_was():
    model = network((3, 3, 4))
    before, layers = answers(model, MAPS), list(model.layers)
    with_windows(model)

    assert model.layers == layers
    assert model.layers[-1].output.shape == (None, 3, 3, 6)
    assert (answers(model, MAPS) == before).all()
