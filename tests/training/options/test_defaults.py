import pytest

from training.options.config import OptionRefused
from training.options.defaults import configure, settings_in_use
from training.options.recipes import RECIPES, Recipe, relu


def test_given_options_are_used():
    config = configure(recipe="relu", hidden_units=50, epochs=3)

    assert (config.recipe, config.hidden_units, config.epochs) == ("relu", 50, 3)


def test_an_optimizer_has_its_own_learning_rate():
    assert configure(optimizer="sgd").learning_rate == 0.01
    assert configure(optimizer="sgd", learning_rate=0.5).learning_rate == 0.5
    assert configure(optimizer="adam").learning_rate == 0.001


def test_a_recipe_has_its_own_defaults_and_options_override_them(monkeypatch):
    own = {"epochs": 7, "optimizer": "sgd", "learning_rate": 0.2}
    monkeypatch.setitem(RECIPES, "wide", Recipe(relu, uses=("hidden_units",), defaults=own))

    config = configure(recipe="wide", epochs=9)

    assert (config.epochs, config.optimizer, config.learning_rate) == (9, "sgd", 0.2)


def test_a_recipes_learning_rate_is_only_for_its_own_optimizer():
    assert configure(recipe="cnn").learning_rate == RECIPES["cnn"].defaults["learning_rate"]
    assert configure(recipe="cnn", optimizer="sgd").learning_rate == 0.01
    assert configure(recipe="cnn", optimizer="adam").learning_rate == 0.001
    assert configure(recipe="cnn", optimizer="sgd").epochs == configure(recipe="cnn").epochs


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            {"recipe": "vgg"},
            "--recipe must be one of softmax, sigmoid, relu, dropout, cnn; vgg was given.",
        ),
        (
            {"optimizer": "lbfgs"},
            "--optimizer must be one of sgd, adagrad, rmsprop, adam, adamw; lbfgs was given.",
        ),
        (
            {"recipe": "softmax", "hidden_units": 50},
            "--hidden-units would have no effect: it is for sigmoid, relu, dropout.",
        ),
        (
            {"recipe": "relu", "dropout_rate": 0.1},
            "--dropout-rate would have no effect: it is for dropout, cnn.",
        ),
        (
            {"optimizer": "adam", "momentum": 0.9},
            "--momentum would have no effect: it is for sgd.",
        ),
        (
            {"optimizer": "adam", "weight_decay": 0.1},
            "--weight-decay would have no effect: it is for adamw.",
        ),
        (
            {"schedule": "stairs"},
            "--schedule must be one of constant, cosine; stairs was given.",
        ),
        (
            {"optimizer": "sgd", "nesterov": True},
            "--nesterov needs a momentum: give --momentum too.",
        ),
    ],
)
def test_options_without_effect_are_refused(given, sentence):
    with pytest.raises(OptionRefused) as refusal:
        configure(**given)

    assert str(refusal.value) == sentence


def test_settings_in_use_leave_out_what_had_no_effect():
    settings = settings_in_use(configure(recipe="softmax", optimizer="rmsprop"))

    assert not settings.keys() & {"hidden_units", "dropout_rate", "momentum", "nesterov"}
    assert settings["learning_rate"] == 0.001


def test_settings_in_use_include_the_defaults_of_the_recipe():
    settings = settings_in_use(configure(recipe="cnn"))

    assert RECIPES["cnn"].defaults.items() <= settings.items()
    assert "hidden_units" not in settings
