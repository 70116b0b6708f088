"""Rules for a compiled graph (LiteRT): its operators, tensor types and sizes.

LiteRT trusts the graphs it loads, so every index and size in a graph is checked first. Only
operators that Keras exports for the allowed layers may occur. None of them branches, loops, keeps
state or runs custom code.
"""

from collections.abc import Iterable
from math import prod
from typing import Any, Final

from ai_edge_litert import schema_py_generated as schema

from service.errors import ModelRefused

MAX_GRAPH_BYTES: Final = 96 * 2**20
"""Room for 20 million weights of four bytes, and for the rest of the graph."""

MAX_TENSORS: Final = 20_000
MAX_ELEMENTS: Final = 20_000_000
"""Elements of one tensor at batch size 1."""

_OPERATORS = (
    "ABS ADD AVERAGE_POOL_2D BATCH_MATMUL BATCH_TO_SPACE_ND CONCATENATION CONV_2D "
    "DEPTHWISE_CONV_2D DIV ELU EXP EXPAND_DIMS FULLY_CONNECTED GATHER GELU GREATER GREATER_EQUAL "
    "HARD_SWISH LEAKY_RELU LESS LESS_EQUAL LOG LOGISTIC LOG_SOFTMAX MAXIMUM MAX_POOL_2D MEAN "
    "MINIMUM MUL NEG PACK PAD PADV2 PRELU REDUCE_MAX REDUCE_MIN REDUCE_PROD RELU RELU6 "
    "RELU_0_TO_1 RELU_N1_TO_1 RESHAPE RESIZE_BILINEAR RESIZE_NEAREST_NEIGHBOR RSQRT SELECT_V2 "
    "SHAPE SLICE SOFTMAX SPACE_TO_BATCH_ND SQRT SQUARE SQUARED_DIFFERENCE SQUEEZE STRIDED_SLICE "
    "SUB SUM TANH TILE TRANSPOSE TRANSPOSE_CONV ZEROS_LIKE"
)
ALLOWED_OPERATORS: Final = frozenset(_OPERATORS.split())

ELEMENT_BYTES: Final = {
    schema.TensorType.FLOAT32: 4,
    schema.TensorType.INT32: 4,
    schema.TensorType.INT64: 8,
    schema.TensorType.BOOL: 1,
}
"""Allowed tensor types, and the bytes of one element."""

_OPERATOR_NAMES: Final = {
    number: name for name, number in vars(schema.BuiltinOperator).items() if name[0] != "_"
}


def check_graph(graph: bytes) -> None:
    """Check that a graph is intact and has only allowed operators.

    Raises:
        ModelRefused: it is not; the message says why.
    """
    if len(graph) > MAX_GRAPH_BYTES:
        raise ModelRefused(f"its graph is larger than {MAX_GRAPH_BYTES} bytes")
    if graph[4:8] != b"TFL3":
        raise ModelRefused("its graph is not a LiteRT graph")
    try:
        _check_model(schema.Model.GetRootAsModel(graph, 0), len(graph))
    except ModelRefused:
        raise
    except Exception as error:  # a damaged graph makes its reader raise almost anything
        raise ModelRefused(f"its graph is damaged ({type(error).__name__})") from error


def _check_model(model: Any, length: int) -> None:
    if model.SubgraphsLength() != 1:
        raise ModelRefused(
            f"its graph has {model.SubgraphsLength()} subgraphs, and one is allowed: it branches, "
            "loops, or keeps state"
        )
    if model.ExternalBuffersLength() or model.ExternalBufferGroupsLength():
        raise ModelRefused("its graph stores weights in another file")
    for count in (model.OperatorCodesLength(), model.BuffersLength(), model.MetadataLength()):
        if count > MAX_TENSORS:
            raise ModelRefused(f"its graph has more than {MAX_TENSORS} parts of one kind")
    for index in range(model.OperatorCodesLength()):
        _check_operator_code(model.OperatorCodes(index))
    buffers = [_buffer_size(model.Buffers(index)) for index in range(model.BuffersLength())]
    if sum(buffers) > length:
        raise ModelRefused("its graph stores the same bytes several times")
    _check_references(model, len(buffers))
    _check_subgraph(model.Subgraphs(0), model.OperatorCodesLength(), buffers)


def _check_operator_code(code: Any) -> None:
    for number in (code.BuiltinCode(), code.DeprecatedBuiltinCode()):
        name = _OPERATOR_NAMES.get(number, str(number))
        # The deprecated field holds this placeholder for codes above 126.
        if name not in ALLOWED_OPERATORS | {"PLACEHOLDER_FOR_GREATER_OP_CODES"}:
            raise ModelRefused(f"its graph has an operator that is not allowed: {name}")
    if code.CustomCode() is not None:
        raise ModelRefused("its graph has an operator with custom code")


def _buffer_size(buffer: Any) -> int:
    if buffer.Offset() or buffer.Size():
        raise ModelRefused("its graph stores weights outside itself")
    # Fails if the buffer ends beyond the graph; reads no element.
    return 0 if buffer.DataIsNone() else int(buffer.DataAsNumpy().nbytes)


def _check_references(model: Any, buffers: int) -> None:
    _check_indexes((model.Metadata(i).Buffer() for i in range(model.MetadataLength())), buffers)
    if model.SignatureDefsLength() > 1:
        raise ModelRefused("its graph has several signatures")
    if model.SignatureDefsLength():
        _check_indexes([model.SignatureDefs(0).SubgraphIndex()], 1)


def _check_subgraph(graph: Any, codes: int, buffers: list[int]) -> None:
    tensors = graph.TensorsLength()
    if max(tensors, graph.OperatorsLength()) > MAX_TENSORS:
        raise ModelRefused(f"its graph has more than {MAX_TENSORS} tensors or operators")
    if graph.InputsLength() != 1 or graph.OutputsLength() != 1:
        raise ModelRefused("its graph must have one input and one output")
    for index in range(tensors):
        _check_tensor(graph.Tensors(index), buffers)
    _check_indexes([graph.Inputs(0), graph.Outputs(0)], tensors)
    for index in range(graph.OperatorsLength()):
        _check_operator(graph.Operators(index), codes, tensors)


def _check_tensor(tensor: Any, buffers: list[int]) -> None:
    if tensor.Type() not in ELEMENT_BYTES:
        raise ModelRefused(f"its graph has a tensor of a type that is not allowed: {tensor.Type()}")
    if tensor.IsVariable() or tensor.Sparsity() is not None or tensor.VariantTensorsLength():
        raise ModelRefused("its graph has a tensor that keeps state, or is sparse")
    if tensor.ExternalBuffer() or tensor.ShapeLength() > 8:
        raise ModelRefused(
            "its graph has a tensor that lies elsewhere, or has more than 8 dimensions"
        )
    shape = [tensor.Shape(index) for index in range(tensor.ShapeLength())]
    elements = prod(shape)
    if any(size < 0 for size in shape) or elements > MAX_ELEMENTS:
        raise ModelRefused(f"its graph has a tensor of shape {shape}, which is not allowed")
    _check_indexes([tensor.Buffer()], len(buffers))
    if buffers[tensor.Buffer()] not in (0, elements * ELEMENT_BYTES[tensor.Type()]):
        raise ModelRefused("its graph has a tensor whose size does not match its shape")


def _check_operator(operator: Any, codes: int, tensors: int) -> None:
    counts = operator.InputsLength(), operator.OutputsLength()
    if max(counts) > 1_000:
        raise ModelRefused("its graph has an operator with more than 1000 inputs")
    if operator.IntermediatesLength() or operator.MutatingVariableInputsLength():
        raise ModelRefused("its graph has an operator that keeps state")
    if operator.CustomOptionsLength() or operator.LargeCustomOptionsSize():
        raise ModelRefused("its graph has an operator with custom options")
    _check_indexes([operator.OpcodeIndex()], codes)
    inputs = [operator.Inputs(index) for index in range(counts[0])]
    _check_indexes((index for index in inputs if index != -1), tensors)  # -1 is an omitted input
    _check_indexes([operator.Outputs(index) for index in range(counts[1])], tensors)


def _check_indexes(indexes: Iterable[int], count: int) -> None:
    if not all(0 <= index < count for index in indexes):
        raise ModelRefused("its graph refers to a part that it does not have")
