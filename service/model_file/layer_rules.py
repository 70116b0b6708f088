"""What a network may consist of, checked in the config that Keras stores in its file.

Keras builds whatever a config names, and calls functions while it does so. So its names must be on
lists of allowed ones, and its numbers must be small.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, Final, NoReturn

from service.errors import ModelRefused

MAX_WEIGHTS: Final = 20_000_000
"""The best networks known for this data set have 9 million."""

MAX_CONFIG_BYTES: Final = 4 * 2**20
"""The config of a network with 400 layers has 300,000."""

MAX_CONFIG_DEPTH: Final = 60
"""Nested lists and objects; a network within a network adds 4."""

MAX_NUMBER: Final = 65_536
"""The largest number of units, filters or pixels; only `seed` may be larger."""

_CLASSES = (
    "Sequential Functional Model InputLayer Dense Flatten Reshape Permute RepeatVector Identity "
    "Conv1D Conv2D Conv2DTranspose SeparableConv2D DepthwiseConv2D MaxPooling1D MaxPooling2D "
    "AveragePooling1D AveragePooling2D GlobalAveragePooling1D GlobalMaxPooling1D "
    "GlobalAveragePooling2D GlobalMaxPooling2D ZeroPadding2D Cropping2D UpSampling2D Resizing "
    "CenterCrop Rescaling Normalization BatchNormalization LayerNormalization GroupNormalization "
    "UnitNormalization Activation ReLU LeakyReLU PReLU ELU Softmax Dropout SpatialDropout1D "
    "SpatialDropout2D GaussianDropout GaussianNoise AlphaDropout ActivityRegularization Add "
    "Subtract Multiply Average Maximum Minimum Concatenate Dot RandomFlip RandomRotation "
    "RandomTranslation RandomZoom RandomContrast RandomBrightness RandomErasing RandomShear "
    "RandomCrop RandomGaussianBlur Zeros Ones Constant RandomNormal RandomUniform TruncatedNormal "
    "VarianceScaling GlorotNormal GlorotUniform HeNormal HeUniform LecunNormal LecunUniform "
    "Orthogonal OrthogonalInitializer L1 L2 L1L2 OrthogonalRegularizer MaxNorm NonNeg UnitNorm "
    "MinMaxNorm DTypePolicy Policy SeedGenerator __keras_tensor__ __tuple__"
)
ALLOWED_CLASSES: Final = frozenset(_CLASSES.split())
"""Layers of an image classifier, and the objects in their configs."""

_FUNCTIONS = (
    "linear relu relu6 leaky_relu elu selu celu gelu silu swish mish softmax log_softmax softplus "
    "softsign sigmoid log_sigmoid hard_sigmoid hard_silu hard_swish hard_tanh hard_shrink "
    "soft_shrink tanh tanh_shrink squareplus sparse_plus exponential zeros ones constant "
    "random_normal random_uniform truncated_normal variance_scaling glorot_normal glorot_uniform "
    "he_normal he_uniform lecun_normal lecun_uniform orthogonal l1 l2 l1_l2 max_norm non_neg "
    "unit_norm min_max_norm"
)
ALLOWED_FUNCTIONS: Final = frozenset(_FUNCTIONS.split())
"""Keras's names of activations, initializers, regularizers and constraints."""

_FUNCTION_KEY = re.compile(r"(.*_)?(activation|initializer|regularizer|constraint)")
_MODULE = re.compile(r"keras(\.\w+)*")


def parse_config(text: str | bytes) -> dict[str, Any]:
    """Return a Keras config that has only allowed layers and numbers.

    Raises:
        ModelRefused: it has others; the message names them.
    """
    if len(text) > MAX_CONFIG_BYTES:
        raise ModelRefused(f"its architecture takes more than {MAX_CONFIG_BYTES} bytes")
    try:
        found = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise ModelRefused("its architecture cannot be read: it is not valid JSON") from error
    if not isinstance(found, dict) or "class_name" not in found:
        raise ModelRefused("its architecture cannot be read: it does not name the kind of network")
    for key, value in _walk(found):
        _check(key, value)
    return found


def _walk(found: Any) -> Iterator[tuple[str, Any]]:
    """Yield every value in a config with its key."""
    stack: list[tuple[str, Any, int]] = [("", found, 0)]
    while stack:
        key, value, depth = stack.pop()
        if depth > MAX_CONFIG_DEPTH:
            raise ModelRefused(f"its architecture is more than {MAX_CONFIG_DEPTH} levels deep")
        yield key, value
        if isinstance(value, dict):
            stack += [(name, inner, depth + 1) for name, inner in value.items()]
        elif isinstance(value, list):
            stack += [(key, inner, depth + 1) for inner in value]


def _check(key: str, value: Any) -> None:
    if isinstance(value, dict):
        _check_object(value)
    elif isinstance(value, int) and abs(value) > MAX_NUMBER and key != "seed":
        raise ModelRefused(
            f"its architecture has {_quoted(key)}: {_quoted(value)}, more than {MAX_NUMBER}"
        )
    elif isinstance(value, str) and _FUNCTION_KEY.fullmatch(key) and value not in ALLOWED_FUNCTIONS:
        raise ModelRefused(f"its {_quoted(key)} {_quoted(value)} is not allowed")


def _check_object(value: dict[str, Any]) -> None:
    """Require that an object Keras would build is of an allowed class, and Keras's own."""
    name, module = value.get("class_name"), value.get("module")
    registered = value.get("registered_name")
    if name is None and module is None and registered is None:
        return
    if not isinstance(name, str) or name not in ALLOWED_CLASSES or registered not in (None, name):
        raise ModelRefused(f"it contains {_quoted(registered or name)}, which is not allowed")
    if module is not None and not (isinstance(module, str) and _MODULE.fullmatch(module)):
        raise ModelRefused(f"it contains {_quoted(name)} from {_quoted(module)}, not from Keras")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _quoted(value: Any) -> str:
    return ascii(str(value)[:80])
