"""How the service leaves: step by step, each at its time."""

import time
from collections.abc import Callable
from typing import Final

DRAIN_SECONDS: Final = 30
"""How long workers may take to answer what they have accepted, before they are killed."""

Step = Callable[[], None]


class Departure:
    """Steps with the time that each is due; none until it has `begun`."""

    def __init__(self) -> None:
        self.begun = False
        self._steps: list[tuple[float, Step]] = []

    def begin(self, delay: float, *, announce: Step, drain: Step, kill: Step) -> None:
        """Announce now, drain after `delay` seconds, and kill what has not left by then.

        Begun again, with a shorter delay, it goes by the later word.
        """
        now = time.monotonic()
        self.begun = True
        self._steps = [(now, announce), (now + delay, drain), (now + delay + DRAIN_SECONDS, kill)]

    def take_due_steps(self) -> None:
        """Take each step whose time has come."""
        while self._steps and self._steps[0][0] <= time.monotonic():
            _, step = self._steps.pop(0)
            step()

    def seconds_to_next(self) -> float:
        """Return the seconds until a step is due, infinity if none is."""
        return max(0, self._steps[0][0] - time.monotonic()) if self._steps else float("inf")
