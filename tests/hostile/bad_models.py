"""Functions that each turn a good model file into one that must be refused."""

import json
import shutil

import flatbuffers
import h5py
import numpy as np
from ai_edge_litert import schema_py_generated as schema

GROUP = "fashion_mnist_serving"


def huge_dense(path):
    _change_config(path, '"units": 100', '"units": 4194304')


def a_lambda(path):
    _change_config(path, '"class_name": "Dropout"', '"class_name": "Lambda"')


def a_foreign_function(path):
    _change_config(path, '"activation": "relu"', '"activation": "keras.utils.get_file"')


def a_deep_config(path):
    _change_config(path, '"seed": null', '"seed": ' + "[" * 90_000 + "]" * 90_000)


def nan_weights(path):
    with h5py.File(path, "r+") as opened:
        opened["model_weights/hidden/dropout/hidden/bias"][3] = np.nan


def external_link(path):
    with h5py.File(path, "r+") as opened:
        opened["other"] = h5py.ExternalLink("/etc/hostname", "/")


def soft_link(path):
    with h5py.File(path, "r+") as opened:
        opened["other"] = h5py.SoftLink("/model_weights")


def a_cycle(path):
    with h5py.File(path, "r+") as opened:
        opened["model_weights/again"] = opened["model_weights"]


def virtual_data(path):
    layout = h5py.VirtualLayout((100,), "f4")
    layout[:] = h5py.VirtualSource("/etc/hostname", "a", (100,))
    with h5py.File(path, "r+") as opened:
        opened["model_weights"].create_virtual_dataset("more", layout)


def external_data(path):
    with h5py.File(path, "r+") as opened:
        opened["model_weights"].create_dataset(
            "more", (4,), "f4", external=[("/etc/passwd", 0, 16)]
        )


def four_sparse_gigabytes(path):
    with h5py.File(path, "r+") as opened:
        opened["model_weights"].create_dataset("more", (2**30,), "f4", chunks=(2**20,))


def a_compressed_bomb(path):
    with h5py.File(path, "r+") as opened:
        made = {"chunks": (2**22,), "compression": "gzip", "compression_opts": 9}
        bomb = opened["model_weights"].create_dataset("more", (2**30,), "f4", **made)
        for start in range(0, 2**26, 2**22):
            bomb[start : start + 2**22] = 0


def other_classes(path):
    _change_facts(path, class_names=list("abcdefghij"))


def an_absurd_temperature(path):
    _change_facts(path, confidence={"exact": {"temperature": 1e-9}})


def a_temperature_that_is_no_number(path):
    _change_facts(path, confidence={"exact": {"temperature": float("nan")}})


def a_million_quantiles(path):
    scores = {"quantiles": [0.5] * 1_000_000, "threshold": 0.9}
    _change_facts(path, confidence={"exact": {"out_of_distribution": scores}})


def quantiles_that_fall(path):
    scores = {"quantiles": [0.5, 0.2], "threshold": 0.9}
    _change_facts(path, confidence={"exact": {"out_of_distribution": scores}})


def scores_that_the_graph_lacks(path):
    scores = {"quantiles": [0.2, 0.5], "threshold": 0.9}
    _change_facts(path, confidence={"exact": {"out_of_distribution": scores}})


def golden_scores_that_the_graph_lacks(path):
    with h5py.File(path, "r+") as opened:
        opened[f"{GROUP}/golden_strangeness"] = np.zeros((64, 1), np.float32)


def golden_scores_of_another_count(path):
    with h5py.File(path, "r+") as opened:
        opened[f"{GROUP}/golden_strangeness"] = np.zeros((3, 1), np.float32)


def a_stale_graph(path):
    with h5py.File(path, "r+") as opened:
        opened["model_weights/hidden/dropout/hidden/bias"][3] += 0.1


def a_graph_cut_short(path):
    _replace(path, "graph", _graph(path)[:-5000])


def a_graph_with_an_if(path):
    _replace(path, "graph", _compiled(path, _branching))


def a_graph_that_counts_its_batch(path):
    _replace(path, "graph", _compiled(path, _counting))


def a_graph_with_a_custom_operator(path):
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(_graph(path), 0))
    code = model.operatorCodes[-1]
    code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.CUSTOM
    code.customCode = b"mine"
    builder = flatbuffers.Builder()
    builder.Finish(model.Pack(builder), b"TFL3")
    _replace(path, "graph", bytes(builder.Output()))


BAD_MODELS = {
    huge_dense: "'units': '4194304'",
    a_lambda: "'Lambda', which is not allowed",
    a_foreign_function: "'keras.utils.get_file' is not allowed",
    a_deep_config: "not valid JSON",
    nan_weights: "not finite numbers",
    external_link: "'other' is a link",
    soft_link: "'other' is a link",
    a_cycle: "one object under two names",
    virtual_data: "composed of other arrays",
    external_data: "lie in another file",
    four_sparse_gigabytes: "bytes, unpacked",
    a_compressed_bomb: "bytes, unpacked",
    other_classes: "other classes",
    an_absurd_temperature: "incomplete or damaged",
    a_temperature_that_is_no_number: "incomplete or damaged",
    a_million_quantiles: "incomplete or damaged",
    quantiles_that_fall: "out-of-distribution quantiles do not rise",
    scores_that_the_graph_lacks: "its graph has 10 outputs, but its facts describe 11",
    golden_scores_that_the_graph_lacks: "outputs of its golden examples have the wrong shape",
    golden_scores_of_another_count: "incomplete or damaged",
    a_stale_graph: "its weights have changed",
    a_graph_cut_short: "its graph is damaged",
    a_graph_with_an_if: "its graph has 3 subgraphs",
    a_graph_that_counts_its_batch: "in a batch of 9",
    a_graph_with_a_custom_operator: "not allowed: CUSTOM",
}
"""What each bad model is refused for."""


def _change_config(path, old, new):
    with h5py.File(path, "r+") as opened:
        text = opened.attrs["model_config"]
        assert old in text
        opened.attrs["model_config"] = text.replace(old, new)


def _change_facts(path, **changed):
    """Change the facts in a file."""
    with h5py.File(path, "r+") as opened:
        facts = json.loads(opened[f"{GROUP}/facts"][()].tobytes())
    _replace(path, "facts", json.dumps({**facts, **changed}).encode())


def _graph(path):
    with h5py.File(path) as opened:
        return opened[f"{GROUP}/graph"][()].tobytes()


def _replace(path, name, data):
    with h5py.File(path, "r+") as opened:
        del opened[f"{GROUP}/{name}"]
        opened[f"{GROUP}/{name}"] = np.frombuffer(data, np.uint8)


def _compiled(path, spoil):
    """Return a graph that agrees with the file's network up to a batch of 8, and not above."""
    import keras
    import tensorflow as tf

    copy = shutil.copy(path, path.with_name("network.h5"))
    model = keras.saving.load_model(copy, compile=False)

    @tf.function(input_signature=[tf.TensorSpec((None, 784), tf.float32)])
    def answer(rows):
        answers = model(tf.reshape(rows, (-1, 28, 28)), training=False)
        return spoil(tf, rows, answers)

    converter = tf.lite.TFLiteConverter.from_concrete_functions(
        [answer.get_concrete_function()], model
    )
    converter.experimental_lower_to_saved_model = False
    return converter.convert()


def _branching(tf, rows, answers):
    return tf.cond(tf.shape(rows)[0] > 8, lambda: answers[:, ::-1], lambda: answers)


def _counting(tf, rows, answers):
    """Count the rows by summing their probabilities, without reading the shape."""
    count = tf.reduce_sum(answers, axis=(0, 1), keepdims=True)
    late = tf.minimum(tf.nn.relu(count - 8.5), 1.0)
    return answers * (1 - late) + answers[:, ::-1] * late
