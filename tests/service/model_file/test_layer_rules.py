import copy
import json

import h5py
import pytest

from service.errors import ModelRefused
from service.model_file.layer_rules import parse_config


@pytest.fixture(scope="module")
def config(dropout_model):
    with h5py.File(dropout_model) as opened:
        return json.loads(opened.attrs["model_config"])


def refusal(config, change):
    """Return why the config is refused after a change."""
    changed = copy.deepcopy(config)
    change(changed)
    with pytest.raises(ModelRefused) as refused:
        parse_config(json.dumps(changed))
    return str(refused.value)


def dense(config):
    """Return the config of the first dense layer."""
    layers = config["config"]["layers"]
    return next(layer for layer in layers if layer["class_name"] == "Dense")["config"]


def test_the_shipped_network_is_allowed(config):
    assert parse_config(json.dumps(config)) == config


@pytest.mark.parametrize("name", ["Lambda", "TFSMLayer", "TorchModuleWrapper", "function", ["a"]])
def test_unlisted_layers_are_refused(config, name):
    def change(found):
        found["config"]["layers"][1]["class_name"] = name

    assert refusal(config, change).endswith("which is not allowed")


def test_classes_from_other_packages_are_refused(config):
    def module(found):
        found["config"]["layers"][1]["module"] = "os"

    def registered(found):
        found["config"]["layers"][1]["registered_name"] = "mine>Flatten"

    assert refusal(config, module) == "it contains 'Flatten' from 'os', not from Keras"
    assert "'mine>Flatten'" in refusal(config, registered)


@pytest.mark.parametrize("key", ["activation", "kernel_initializer", "bias_constraint"])
def test_unlisted_functions_are_refused(config, key):
    def named(found):
        dense(found)[key] = "keras.utils.get_file"

    def as_object(found):
        dense(found)[key] = {"class_name": "function", "module": "builtins", "config": "eval"}

    assert refusal(config, named) == f"its '{key}' 'keras.utils.get_file' is not allowed"
    assert "'function', which is not allowed" in refusal(config, as_object)


def test_a_seed_may_be_large(config):
    found = copy.deepcopy(config)
    dense(found)["kernel_initializer"]["config"]["seed"] = 2**40

    assert parse_config(json.dumps(found))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "not valid JSON"),
        ('{"class_name": NaN}', "not valid JSON"),
        ("[" * 100_000, "not valid JSON"),
        ("[]", "does not name the kind"),
        ('{"class_name": "Model", "a": ' + "[" * 70 + "]" * 70 + "}", "levels deep"),
        (" " * 5_000_000, "more than 4194304 bytes"),
    ],
)
def test_text_that_is_not_a_config_is_refused(text, reason):
    with pytest.raises(ModelRefused, match=reason):
        parse_config(text)
