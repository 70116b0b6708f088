"""A plain Keras file to one of ours."""

from pathlib import Path

from service.errors import ModelRefused
from service.model.export import describe, load, probe_pixels
from service.model.facts import Facts
from training.publish import check_output, now, publish, versions


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
