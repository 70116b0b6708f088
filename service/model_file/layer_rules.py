"""What a network may be made of, read from the description that Keras keeps in its file.

Keras builds whatever a description names, and calls functions on the way. So a description is
held to lists of names first, and nothing in it may be large.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, Final, NoReturn

from service.errors import ModelRefused

MAX_PARAMETERS: Final = 20_000_000
"""Weights of a network; the best known for these pictures have 9 million."""

MAX_CONFIG: Final = 4 * 2**20
"""Bytes of a description; that of a network with 400 layers has 300,000."""

MAX_DEPTH: Final = 60
"""Lists and objects within each other; a network within a network adds 4."""

MAX_NUMBER: Final = 65_536
"""Units, filters, sides: the largest whole number of a description. `seed` may be larger."""

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
CLASSES: Final = frozenset(_CLASSES.split())
"""Layers of a classifier of pictures, and what their settings are made of."""

_FUNCTIONS = (
    "linear relu relu6 leaky_relu elu selu celu gelu silu swish mish softmax log_softmax softplus "
    "softsign sigmoid log_sigmoid hard_sigmoid hard_silu hard_swish hard_tanh hard_shrink "
    "soft_shrink tanh tanh_shrink squareplus sparse_plus exponential zeros ones constant "
    "random_normal random_uniform truncated_normal variance_scaling glorot_normal glorot_uniform "
    "he_normal he_uniform lecun_normal lecun_uniform orthogonal l1 l2 l1_l2 max_norm non_neg "
    "unit_norm min_max_norm"
)
FUNCTIONS: Final = frozenset(_FUNCTIONS.split())
"""Activations, initializers, regularizers and constraints, by the names that Keras has for them."""

_NAMES_FUNCTION = re.compile(r"(.*_)?(activation|initializer|regularizer|constraint)")
_MODULE = re.compile(r"keras(\.\w+)*")


def read_description(text: str | bytes) -> dict[str, Any]:
    """Return the description of a network, made of allowed layers and sensible numbers alone.

    Raises:
        ModelRefused: it is not; the sentence names what is wrong.
    """
    if len(text) > MAX_CONFIG:
        raise ModelRefused(f"its architecture is described in more than {MAX_CONFIG} bytes")
    try:
        found = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise ModelRefused("its architecture cannot be read: it is not sound JSON") from error
    if not isinstance(found, dict) or "class_name" not in found:
        raise ModelRefused("its architecture cannot be read: it names no kind of network")
    for key, value in _walk(found):
        _check(key, value)
    return found


def _walk(found: Any) -> Iterator[tuple[str, Any]]:
    """Yield everything in a description with the name it stands under."""
    line: list[tuple[str, Any, int]] = [("", found, 0)]
    while line:
        key, value, depth = line.pop()
        if depth > MAX_DEPTH:
            raise ModelRefused(f"its architecture is more than {MAX_DEPTH} levels deep")
        yield key, value
        if isinstance(value, dict):
            line += [(name, inner, depth + 1) for name, inner in value.items()]
        elif isinstance(value, list):
            line += [(key, inner, depth + 1) for inner in value]


def _check(key: str, value: Any) -> None:
    if isinstance(value, dict):
        _check_object(value)
    elif isinstance(value, int) and abs(value) > MAX_NUMBER and key != "seed":
        raise ModelRefused(
            f"its architecture says {_shown(key)}: {_shown(value)}, and {MAX_NUMBER} is the most"
        )
    elif isinstance(value, str) and _NAMES_FUNCTION.fullmatch(key) and value not in FUNCTIONS:
        raise ModelRefused(f"its {_shown(key)} {_shown(value)} is not an allowed one")


def _check_object(value: dict[str, Any]) -> None:
    """An object that Keras would make must be of an allowed class, and Keras's own."""
    name, module = value.get("class_name"), value.get("module")
    registered = value.get("registered_name")
    if name is None and module is None and registered is None:
        return
    if not isinstance(name, str) or name not in CLASSES or registered not in (None, name):
        raise ModelRefused(f"it is made with {_shown(registered or name)}, which is not allowed")
    if module is not None and not (isinstance(module, str) and _MODULE.fullmatch(module)):
        raise ModelRefused(f"it is made with {_shown(name)} from {_shown(module)}, not from Keras")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _shown(value: Any) -> str:
    return ascii(str(value)[:80])
