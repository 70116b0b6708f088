import copy
import json

import h5py
import pytest

from service.errors import ModelRefused
from service.model_file.layer_rules import read_description


@pytest.fixture(scope="module")
def description(dropout_model):
    with h5py.File(dropout_model) as opened:
        return json.loads(opened.attrs["model_config"])


def refusal(description, change):
    """Return why a description is refused after a function has changed it."""
    changed = copy.deepcopy(description)
    change(changed)
    with pytest.raises(ModelRefused) as refused:
        read_description(json.dumps(changed))
    return str(refused.value)


def dense(description):
    """Return the settings of the first dense layer."""
    layers = description["config"]["layers"]
    return next(layer for layer in layers if layer["class_name"] == "Dense")["config"]


def test_the_shipped_network_is_allowed(description):
    assert read_description(json.dumps(description)) == description


@pytest.mark.parametrize("name", ["Lambda", "TFSMLayer", "TorchModuleWrapper", "function", ["a"]])
def test_layers_that_are_not_listed_are_refused(description, name):
    def change(found):
        found["config"]["layers"][1]["class_name"] = name

    assert refusal(description, change).endswith("which is not allowed")


def test_classes_of_others_are_refused(description):
    def module(found):
        found["config"]["layers"][1]["module"] = "os"

    def registered(found):
        found["config"]["layers"][1]["registered_name"] = "mine>Flatten"

    assert refusal(description, module) == "it is made with 'Flatten' from 'os', not from Keras"
    assert "'mine>Flatten'" in refusal(description, registered)


@pytest.mark.parametrize("key", ["activation", "kernel_initializer", "bias_constraint"])
def test_functions_that_are_not_listed_are_refused(description, key):
    def named(found):
        dense(found)[key] = "keras.utils.get_file"

    def described(found):
        dense(found)[key] = {"class_name": "function", "module": "builtins", "config": "eval"}

    assert (
        refusal(description, named) == f"its '{key}' 'keras.utils.get_file' is not an allowed one"
    )
    assert "'function', which is not allowed" in refusal(description, described)


def test_four_million_units_are_refused(description):
    assert refusal(description, lambda found: dense(found).update(units=4194304)) == (
        "its architecture says 'units': '4194304', and 65536 is the most"
    )


def test_a_seed_may_be_large(description):
    found = copy.deepcopy(description)
    dense(found)["kernel_initializer"]["config"]["seed"] = 2**40

    assert read_description(json.dumps(found))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "not sound JSON"),
        ('{"class_name": NaN}', "not sound JSON"),
        ("[" * 100_000, "not sound JSON"),
        ("[]", "no kind of network"),
        ('{"class_name": "Model", "a": ' + "[" * 70 + "]" * 70 + "}", "levels deep"),
        (" " * 5_000_000, "more than 4194304 bytes"),
    ],
)
def test_a_description_that_is_none_is_refused(text, reason):
    with pytest.raises(ModelRefused, match=reason):
        read_description(text)
