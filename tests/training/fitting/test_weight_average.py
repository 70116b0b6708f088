import keras
import numpy as np
import pytest

from training.fitting.weight_average import WeightAverage


@pytest.fixture
def model():
    """A network with one weight."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
    model.compile("sgd", "mse")
    model.optimizer.build(model.trainable_variables)
    return model


@pytest.fixture
def averaging(model):
    """Set the weight to each value in turn, as training steps would; return the callback."""

    def run(decay, *values):
        model.variables[0].assign([[0.0]])
        average = WeightAverage(model, decay)
        average.set_model(model)
        for value in values:
            model.optimizer.iterations.assign_add(1)
            model.variables[0].assign([[value]])
            average.on_train_batch_end(0)
        return average

    return run


def weight(model):
    return model.get_weights()[0].item()


def test_the_initial_weight_soon_vanishes(averaging):
    average = averaging(0.9, 1.0)

    assert average.variables[0].numpy().item() == pytest.approx(1 - 2 / 11)


def test_later_steps_keep_the_decay_of_the_old_average(averaging, model):
    model.optimizer.iterations.assign(10_000)

    average = averaging(0.75, 1.0, 2.0)

    assert average.variables[0].numpy().item() == pytest.approx(0.75 * 0.25 + 0.25 * 2.0)


def test_the_network_holds_the_average_only_during_validation(averaging, model):
    average = averaging(0.9, 1.0, 3.0)
    held = average.variables[0].numpy().item()

    average.on_test_begin()
    validated = weight(model)
    average.on_epoch_end(0)

    assert (validated, weight(model)) == (held, 3.0)
    assert average.variables[0].numpy().item() == held


def test_a_decay_of_0_averages_nothing(averaging, model):
    average = averaging(0.0, 1.0, 3.0)

    average.on_test_begin()

    assert (average.variables, weight(model)) == ([], 3.0)


def test_batch_statistics_are_averaged_too_and_random_states_are_not(fit_sample, tmp_path):
    model = fit_sample(tmp_path, recipe="cnn", epochs=1, batch_size=480).model

    average = WeightAverage(model, 0.9)

    names = [one.path for one in model.variables if "seed" not in one.path]
    assert len(average.variables) == len(names) < len(model.variables)
    assert any("moving_variance" in name for name in names)
    assert all(np.isfinite(one.numpy()).all() for one in average.variables)
