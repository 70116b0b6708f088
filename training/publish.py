"""Writes a model file: complete, examined as the service does, and only then in place."""

import os
import platform
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import keras
import numpy
import tensorflow

from service import __version__
from service.errors import FashionError, ModelRefused
from service.fashion_mnist import Pixels
from service.model.examined import ExaminedModel
from service.model.facts import Facts
from service.model_file.examiner import examine
from service.model_file.export import compile_graph, describe, golden_examples, load, probe_pixels
from service.model_file.hdf5 import add_parts
from training.confidence.mahalanobis import Clusters, with_ood_scores


class OutputRefused(FashionError):
    """A file cannot be written there; the message names the place and says why."""


def check_output(output: Path, suffix: str = ".h5") -> None:
    """Make the folder of a file before the work on the file begins.

    Raises:
        OutputRefused: the name does not end in the suffix, or the folder cannot be written.
    """
    if output.suffix != suffix:
        raise OutputRefused(f"--output must end in {suffix}; {output} was given.")
    if output.is_dir():
        raise OutputRefused(f"--output must be a file, and {output} is a folder.")
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=output.parent).close()
    except OSError as error:
        raise OutputRefused(
            f"{output} cannot be written ({error.strerror}): give another --output."
        ) from error


def publish(
    model: keras.Model,
    facts: Facts,
    golden: Pixels,
    output: Path,
    clusters: Sequence[Clusters] = (),
) -> ExaminedModel:
    """Write a model file, replacing an earlier one only if the examiner accepts the new one.

    The file stores the pictures `golden`, uint8[n, 28, 28], with the network's answers to them.
    `clusters` come from `fit_confidence`, with the confidence in `facts`.

    Raises:
        ModelRefused: the service would refuse the file.
    """
    scored = with_ood_scores(model, clusters)
    graph = compile_graph(scored)
    with tempfile.TemporaryDirectory(dir=output.parent, prefix=f".{output.name}.") as folder:
        candidate = Path(folder) / output.name
        model.save(candidate, include_optimizer=False)
        add_parts(candidate, facts, golden_examples(scored, golden), graph)
        examined = ExaminedModel.from_bytes(examine(candidate))
        os.replace(candidate, output)
    return examined


def convert(plain: Path, output: Path) -> Facts:
    """Turn a plain Keras file into a model file; return its facts.

    Its golden examples are noise, because a plain file comes without pictures.

    Raises:
        OutputRefused: the output cannot be written.
        ModelRefused: the plain file cannot be loaded, or its network does not suit the service.
    """
    if not plain.is_file():
        raise ModelRefused(f"{plain} does not exist: name a file that Keras saved.")
    check_output(output)
    try:
        model = load(plain)
    except ModelRefused as error:
        raise ModelRefused(f"{plain} cannot be converted: {error}.") from error
    facts = Facts(architecture=describe(model), versions=versions(), created=now())
    publish(model, facts, probe_pixels(), output)
    return facts


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that decide the weights, by name."""
    # From the modules, because the package may be called `tensorflow-cpu`.
    modules = {"tensorflow": tensorflow, "keras": keras, "numpy": numpy}
    packages = {name: module.__version__ for name, module in modules.items()}
    return {"python": platform.python_version(), "fashion-mnist-serving": __version__, **packages}


def now() -> str:
    """Return the time in UTC, such as 2025-01-31T12:00:00+00:00."""
    return datetime.now(UTC).isoformat(timespec="seconds")
