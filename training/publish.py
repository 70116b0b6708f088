"""The last step to a model file: complete, opened as the service would open it, then in place."""

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
from training.confidence.mahalanobis import Clusters, with_strangeness


class OutputRefused(FashionError):
    """A place that a file cannot be written to; the message names it and says why."""


def check_output(output: Path, suffix: str = ".h5") -> None:
    """Make the folder for a file, before the work of making the file begins.

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
    """Write a model file that the service takes, in one step from the earlier file to the new one.

    `golden` are the pictures uint8[n, 28, 28] whose answers the file carries as examples;
    `clusters` what strangers are told by, as `fit_confidence` fitted them with the confidence in
    `facts`. The new file takes its name only after it was opened as the service
    opens it; whatever goes wrong before leaves an earlier file as it was.

    Raises:
        ModelRefused: the service would not take the file.
    """
    judging = with_strangeness(model, clusters)
    graph = compile_graph(judging)
    with tempfile.TemporaryDirectory(dir=output.parent, prefix=f".{output.name}.") as folder:
        candidate = Path(folder) / output.name
        model.save(candidate, include_optimizer=False)
        add_parts(candidate, facts, golden_examples(judging, golden), graph)
        examined = ExaminedModel.from_bytes(examine(candidate))
        os.replace(candidate, output)
    return examined


def convert(plain: Path, output: Path) -> Facts:
    """Make a file that the service takes of one that Keras alone wrote; return its facts.

    Its golden examples are noise, answered by Keras: a plain file comes without pictures.

    Raises:
        OutputRefused: no file can be written there.
        ModelRefused: the plain file cannot be loaded, or its network is not one for the service.
    """
    if not plain.is_file():
        raise ModelRefused(f"{plain} is not there to be converted: name a file that Keras saved.")
    check_output(output)
    try:
        model = load(plain)
    except ModelRefused as error:
        raise ModelRefused(f"{plain} cannot be converted: {error}.") from error
    facts = Facts(architecture=describe(model), versions=versions(), created=now())
    publish(model, facts, probe_pixels(), output)
    return facts


def versions() -> dict[str, str]:
    """Return the versions that a model was made with, by the name of the package."""
    # Asked of the modules, since `tensorflow-cpu` is a package of another name.
    modules = {"tensorflow": tensorflow, "keras": keras, "numpy": numpy}
    packages = {name: module.__version__ for name, module in modules.items()}
    return {"python": platform.python_version(), "fashion-mnist-serving": __version__, **packages}


def now() -> str:
    """Return the time in UTC as a model file states it, such as 2025-01-31T12:00:00+00:00."""
    return datetime.now(UTC).isoformat(timespec="seconds")
