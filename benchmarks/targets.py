"""Every figure of `make bench`, with what it is compared to and what it must come to."""

from typing import Final

from benchmarks.figures import Comparison, Target, launch, middle, rate, tail, thrift, worker_memory


def at_least(value: float) -> Target:
    """Return a lower bound."""
    return Target(value, at_least=True)


def at_most(value: float) -> Target:
    """Return an upper bound."""
    return Target(value, at_least=False)


PER_SECOND: Final = "pictures/s"
MILLISECONDS: Final = "ms"

OWN: Final = "service"
CEILING: Final = "ceiling"
FORM: Final = rate("form")
RAW: Final = rate("raw")

COMPARISONS: Final = (
    Comparison("form, 64 connections", PER_SECOND, OWN, FORM, CEILING, target=at_least(1.5)),
    Comparison(
        "raw body, 64 connections", PER_SECOND, OWN, RAW, CEILING, FORM, target=at_least(2.0)
    ),
    Comparison("raw body, both", PER_SECOND, OWN, RAW, CEILING),
    Comparison("form, for each CPU second of the server", "pictures", OWN, thrift("form"), CEILING),
    Comparison(
        "raw body, for each CPU second of the server",
        "pictures",
        OWN,
        thrift("raw"),
        CEILING,
        thrift("form"),
    ),
    Comparison("form, 64 connections", PER_SECOND, OWN, FORM, "litserve", target=at_least(6)),
    Comparison("form, 64 connections", PER_SECOND, OWN, FORM, "bentoml", target=at_least(10)),
    Comparison("form, 64 connections", PER_SECOND, OWN, FORM, "tutorial", target=at_least(320)),
    Comparison(
        "form, 1 connection, p50", MILLISECONDS, OWN, middle("alone"), CEILING, target=at_most(1.0)
    ),
    Comparison(
        "raw body, 1 connection, p50",
        MILLISECONDS,
        OWN,
        middle("raw-alone"),
        CEILING,
        middle("alone"),
    ),
    Comparison("form, 64 connections, p99 / p50", "", OWN, tail("form"), target=at_most(2)),
    Comparison("raw body, 64 connections, p99 / p50", "", OWN, tail("raw")),
    Comparison("the same, form", "", CEILING, tail("form")),
    Comparison(
        "form, two workers to one", PER_SECOND, "service-2", FORM, OWN, target=at_least(1.7)
    ),
    Comparison("raw body, two workers to one", PER_SECOND, "service-2", RAW, OWN),
    Comparison("launch to first 200", "s", OWN, launch(), CEILING, target=at_most(2)),
    Comparison("memory a worker (PSS)", "MiB", OWN, worker_memory(), target=at_most(130)),
    Comparison("the same of two workers", "MiB", "service-2", worker_memory(), target=at_most(130)),
    Comparison("the same", "MiB", CEILING, worker_memory()),
    Comparison(
        "batches of 256, 2 connections, to single forms, 64 connections",
        PER_SECOND,
        OWN,
        rate("batch"),
        OWN,
        FORM,
        target=at_least(3),
    ),
)
