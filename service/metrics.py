"""The Prometheus metrics of the service."""

from functools import cache
from pathlib import Path
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from service.fashion_mnist import CLASS_NAMES

SECONDS: Final = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    """The metrics of one app, in a registry of its own.

    Labels are bounded: route templates, statuses and the ten classes. With `folder`, several
    workers share their metrics, and each renders those of all. PROMETHEUS_MULTIPROC_DIR must name
    the same folder before prometheus-client is imported.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._registry = CollectorRegistry()
        self._folder = folder
        self._requests = Counter(
            "fashion_requests", "Requests answered.", ("route", "status"), registry=self._registry
        )
        self._seconds = Histogram(
            "fashion_request_seconds",
            "Seconds from a request's headers to the end of its response.",
            ("route",),
            buckets=SECONDS,
            registry=self._registry,
        )
        predictions = Counter(
            "fashion_predictions", "Pictures classified.", ("class_name",), registry=self._registry
        )
        self.refused_files = Gauge(
            "fashion_model_refusals",
            "Model files refused since the start.",
            registry=self._registry,
            multiprocess_mode="max",
        )
        self._predictions = tuple(predictions.labels(name) for name in CLASS_NAMES)
        # Looking up a label takes as long as counting.
        self._request = cache(lambda route, status: self._requests.labels(route, status).inc)
        self._observe = cache(lambda route: self._seconds.labels(route).observe)

    def count_request(self, route: str, status: int, seconds: float) -> None:
        """Count one request, its status and the seconds it took."""
        self._request(route, status)()
        self._observe(route)(seconds)

    def count_prediction(self, class_index: int) -> None:
        """Count one picture that was assigned to this class."""
        self._predictions[class_index].inc()

    def render(self) -> bytes:
        """Return the metrics of all workers as Prometheus text."""
        if not self._folder:
            return generate_latest(self._registry)
        together = CollectorRegistry()
        MultiProcessCollector(together, path=str(self._folder))
        return generate_latest(together)
