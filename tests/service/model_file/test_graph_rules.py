import flatbuffers
import pytest
from ai_edge_litert import schema_py_generated as schema

from service.errors import ModelRefused
from service.model_file.graph_rules import check_graph


@pytest.fixture
def refusal(dropout):
    """Return why a good graph is refused after a change."""

    def why(change):
        model = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(dropout.graph, 0))
        change(model)
        builder = flatbuffers.Builder()
        builder.Finish(model.Pack(builder), b"TFL3")
        with pytest.raises(ModelRefused) as refused:
            check_graph(bytes(builder.Output()))
        return str(refused.value)

    return why


def weights(model):
    """Return the tensor with the largest buffer."""

    def stored(tensor):
        data = model.buffers[tensor.buffer].data
        return 0 if data is None else len(data)

    return max(graph(model).tensors, key=stored)


def setting(owner, name, value):
    """Return a change that sets an attribute of a part of the graph."""
    return lambda model: setattr(owner(model), name, value)


def graph(model):
    return model.subgraphs[0]


def operator(model):
    return model.subgraphs[0].operators[0]


def test_the_shipped_graph_is_allowed(examined):
    check_graph(examined.graph)


@pytest.mark.parametrize("name", ["IF", "WHILE", "CALL_ONCE", "VAR_HANDLE", "CUSTOM", "CAST"])
def test_unlisted_operators_are_refused(refusal, name):
    def change(model):
        number = getattr(schema.BuiltinOperator, name)
        model.operatorCodes[-1].builtinCode = number
        model.operatorCodes[-1].deprecatedBuiltinCode = min(number, 127)

    assert refusal(change) == f"its graph has an operator that is not allowed: {name}"


@pytest.mark.parametrize(
    ("owner", "name", "value", "reason"),
    [
        (lambda m: m.operatorCodes[0], "customCode", b"mine", "custom code"),
        (lambda m: m.buffers[-1], "offset", 4096, "outside itself"),
        (lambda m: m.metadata[0], "buffer", 10_000, "does not have"),
        (graph, "inputs", [0, 1], "one input"),
        (graph, "outputs", [99], "does not have"),
        (operator, "opcodeIndex", 99, "does not have"),
        (operator, "inputs", [-2], "does not have"),
        (operator, "outputs", [-1], "does not have"),
        (operator, "inputs", [0] * 1001, "more than 1000 inputs"),
        (operator, "intermediates", [0], "keeps state"),
        (operator, "customOptions", [1, 2], "custom options"),
        (weights, "type", schema.TensorType.STRING, "type that is not allowed"),
        (weights, "isVariable", True, "keeps state"),
        (weights, "buffer", 99, "does not have"),
        (weights, "shape", [5000, 5000], "tensor of shape"),
        (weights, "shape", [-1, 2], "tensor of shape"),
        (weights, "shape", [3, 3], "size does not match its shape"),
        (weights, "shape", [1] * 9, "more than 8 dimensions"),
    ],
)
def test_inconsistent_parts_are_refused(refusal, owner, name, value, reason):
    assert reason in refusal(setting(owner, name, value))


def test_several_subgraphs_are_refused(refusal):
    assert "its graph has 2 subgraphs" in refusal(
        lambda model: model.subgraphs.append(graph(model))
    )


def test_several_signatures_are_refused(refusal):
    def change(model):
        model.signatureDefs.append(model.signatureDefs[0])

    assert refusal(change) == "its graph has several signatures"


def test_too_many_operators_are_refused(refusal):
    def change(model):
        graph(model).operators = [operator(model)] * 20_001

    assert "more than 20000 tensors or operators" in refusal(change)


@pytest.mark.parametrize("share", [0.001, 0.3, 0.9])
def test_a_graph_cut_short_is_refused(dropout, share):
    with pytest.raises(ModelRefused, match="damaged"):
        check_graph(dropout.graph[: int(len(dropout.graph) * share)])


def test_other_bytes_and_huge_graphs_are_refused():
    with pytest.raises(ModelRefused, match="not a LiteRT graph"):
        check_graph(b"anything else")
    with pytest.raises(ModelRefused, match="larger than"):
        check_graph(bytes(100 * 2**20))
