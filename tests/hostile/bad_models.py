"""Functions that each turn a good model file, opened with h5py, into one that must be refused."""

import json
import shutil

import flatbuffers
import h5py
import numpy as np
from ai_edge_litert import schema_py_generated as schema

GROUP = "fashion_mnist_serving"
BIAS = "model_weights/hidden/dropout/hidden/bias"
GIGABYTES = (2**30,)


def huge_dense(file):
    _change_config(file, '"units": 100', '"units": 4194304')


def a_lambda(file):
    _change_config(file, '"class_name": "Dropout"', '"class_name": "Lambda"')


def a_foreign_function(file):
    _change_config(file, '"activation": "relu"', '"activation": "keras.utils.get_file"')


def nan_weights(file):
    file[BIAS][3] = np.nan


def external_link(file):
    file["other"] = h5py.ExternalLink("/etc/hostname", "/")


def a_cycle(file):
    file["model_weights/again"] = file["model_weights"]


def virtual_data(file):
    layout = h5py.VirtualLayout((100,), "f4")
    layout[:] = h5py.VirtualSource("/etc/hostname", "a", (100,))
    file["model_weights"].create_virtual_dataset("more", layout)


def external_data(file):
    file["model_weights"].create_dataset("more", (4,), "f4", external=[("/etc/passwd", 0, 16)])


def four_sparse_gigabytes(file):
    file["model_weights"].create_dataset("more", GIGABYTES, "f4", chunks=(2**20,))


def a_compressed_bomb(file):
    options = {"chunks": (2**22,), "compression": "gzip", "compression_opts": 9}
    bomb = file["model_weights"].create_dataset("more", GIGABYTES, "f4", **options)
    for start in range(0, 2**26, 2**22):
        bomb[start : start + 2**22] = 0


def a_million_quantiles(file):
    _change_quantiles(file, [0.5] * 1_000_000)


def quantiles_that_fall(file):
    _change_quantiles(file, [0.5, 0.2])


def scores_that_the_graph_lacks(file):
    _change_quantiles(file, [0.2, 0.5])


def golden_scores_that_the_graph_lacks(file):
    file[f"{GROUP}/golden_strangeness"] = np.zeros((64, 1), np.float32)


def golden_scores_of_another_count(file):
    file[f"{GROUP}/golden_strangeness"] = np.zeros((3, 1), np.float32)


def a_stale_graph(file):
    file[BIAS][3] += 0.1


def a_graph_with_an_if(file):
    _replace(file, "graph", _compiled(file, _branching))


def a_graph_that_counts_its_batch(file):
    _replace(file, "graph", _compiled(file, _counting))


def a_graph_with_a_custom_operator(file):
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(_graph(file), 0))
    code = model.operatorCodes[-1]
    code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.CUSTOM
    code.customCode = b"mine"
    builder = flatbuffers.Builder()
    builder.Finish(model.Pack(builder), b"TFL3")
    _replace(file, "graph", bytes(builder.Output()))


BAD_MODELS = {
    huge_dense: "'units': '4194304'",
    a_lambda: "'Lambda', which is not allowed",
    a_foreign_function: "'keras.utils.get_file' is not allowed",
    nan_weights: "not finite numbers",
    external_link: "'other' is a link",
    a_cycle: "one object under two names",
    virtual_data: "composed of other arrays",
    external_data: "stores its numbers in another file",
    four_sparse_gigabytes: "bytes, unpacked",
    a_compressed_bomb: "bytes, unpacked",
    a_million_quantiles: "incomplete or damaged",
    quantiles_that_fall: "out-of-distribution quantiles do not rise",
    scores_that_the_graph_lacks: "its graph has 10 outputs, but its facts describe 11",
    golden_scores_that_the_graph_lacks: "outputs of its golden examples have the wrong shape",
    golden_scores_of_another_count: "incomplete or damaged",
    a_stale_graph: "its weights have changed",
    a_graph_with_an_if: "its graph has 3 subgraphs",
    a_graph_that_counts_its_batch: "in a batch of 9",
    a_graph_with_a_custom_operator: "not allowed: CUSTOM",
}
"""Why each bad model is refused."""


def _change_config(file, old, new):
    config = file.attrs["model_config"]
    assert old in config
    file.attrs["model_config"] = config.replace(old, new)


def _change_facts(file, **changed):
    facts = json.loads(file[f"{GROUP}/facts"][()].tobytes())
    _replace(file, "facts", json.dumps({**facts, **changed}).encode())


def _change_quantiles(file, quantiles):
    scores = {"quantiles": quantiles, "threshold": 0.9}
    _change_facts(file, confidence={"exact": {"out_of_distribution": scores}})


def _graph(file):
    return file[f"{GROUP}/graph"][()].tobytes()


def _replace(file, name, data):
    del file[f"{GROUP}/{name}"]
    file[f"{GROUP}/{name}"] = np.frombuffer(data, np.uint8)


def _compiled(file, spoil):
    """Return a graph that agrees with the file's network up to a batch of 8, and not above."""
    import keras
    import tensorflow as tf

    file.flush()
    copy = shutil.copy(file.filename, f"{file.filename}.copy.h5")
    model = keras.saving.load_model(copy, compile=False)

    @tf.function(input_signature=[tf.TensorSpec((None, 784), tf.float32)])
    def predict(rows):
        outputs = model(tf.reshape(rows, (-1, 28, 28)), training=False)
        return spoil(tf, rows, outputs)

    converter = tf.lite.TFLiteConverter.from_concrete_functions(
        [predict.get_concrete_function()], model
    )
    converter.experimental_lower_to_saved_model = False
    return converter.convert()


def _branching(tf, rows, outputs):
    return tf.cond(tf.shape(rows)[0] > 8, lambda: outputs[:, ::-1], lambda: outputs)


def _counting(tf, rows, outputs):
    """Count the rows by summing their probabilities, without reading the shape."""
    count = tf.reduce_sum(outputs, axis=(0, 1), keepdims=True)
    late = tf.minimum(tf.nn.relu(count - 8.5), 1.0)
    return outputs * (1 - late) + outputs[:, ::-1] * late
