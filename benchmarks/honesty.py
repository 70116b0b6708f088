"""Whether a server does the work: it answers as the others do, and every picture anew."""

import re
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from benchmarks.servers import Running

CLOSE: Final = 1e-4
COUNTED: Final = re.compile(r"^fashion_predictions_total\{.*\} (\S+)$", re.MULTILINE)

Numbers = npt.NDArray[np.float64]


class Dishonest(Exception):
    """A server's answers differ, or it answered without predicting; the message says how."""


def ten_numbers(answer: Any) -> list[float]:
    """Return the ten probabilities in a JSON answer, wherever the server has put them.

    Raises:
        Dishonest: there are none.
    """
    for numbers in _lists(answer):
        if len(numbers) == 10:
            return numbers
    raise Dishonest(f"no ten probabilities in {str(answer)[:200]}")


def _lists(value: Any) -> list[list[float]]:
    if isinstance(value, dict):
        return [found for member in value.values() for found in _lists(member)]
    if not isinstance(value, list) or not value:
        return []
    if all(isinstance(member, dict) and "probability" in member for member in value):
        return [[float(member["probability"]) for member in value]]
    if all(isinstance(member, int | float) for member in value):
        return [[float(member) for member in value]]
    return [found for member in value for found in _lists(member)]


def check_agreement(name: str, found: Numbers, expected: Numbers) -> float:
    """Return the largest difference between two servers' float64[n, 10].

    Raises:
        Dishonest: it is above 1e-4.
    """
    difference = float(np.abs(found - expected).max())
    if not difference <= CLOSE:
        raise Dishonest(f"{name}: its answers differ from the service's by {difference:.1e}")
    return difference


def check_count(server: Running) -> int:
    """Return how many predictions the service counted: one for each picture that was answered.

    A picture whose connection was closed at the end of a run may or may not have been predicted.

    Raises:
        Dishonest: there are fewer or more predictions than pictures.
    """
    text = server.get("/metrics")
    predictions = int(sum(float(value) for value in COUNTED.findall(text)))
    most = server.answered + server.in_flight
    if not server.answered <= predictions <= most:
        raise Dishonest(
            f"the service answered {server.answered} to {most} pictures and counted "
            f"{predictions} predictions"
        )
    return predictions
