"""What Prometheus reads: requests, latency, refusals, predictions, champions; of all workers.

With several workers each writes a file of its own in the folder that `PROMETHEUS_MULTIPROC_DIR`
names, and whoever is asked adds them up. No label holds anything that was received.
"""

import os
from collections.abc import Iterable, Iterator
from typing import Any, Final

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.samples import Sample

from service.champions import Champions

FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"
_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """Counts of one worker."""

    def __init__(self) -> None:
        registry = CollectorRegistry()
        self._requests = Counter(
            "csf_requests", "Requests answered.", ["route", "method", "status"], registry=registry
        )
        self._seconds = Histogram(
            "csf_request_seconds", "Time to answer.", ["route"], registry=registry, buckets=_SECONDS
        )
        self._refusals = Counter("csf_refusals", "Refusals by code.", ["code"], registry=registry)
        self._faults = Counter(
            "csf_faults", "Faults of bodies by code.", ["code"], registry=registry
        )
        self._predictions = Counter(
            "csf_predictions", "Predictions made.", ["task"], registry=registry
        )
        self._recorded = Counter("csf_recorded", "Predictions kept on disk.", registry=registry)
        self._replayed = Counter(
            "csf_replayed", "Answers given again under an Idempotency-Key.", registry=registry
        )
        self._registry = registry
        self._children: dict[tuple[str, str, int], tuple[Any, Any]] = {}
        self._by_task: dict[str, Any] = {}

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count a request."""
        key = (route, method, status)
        if (children := self._children.get(key)) is None:
            children = self._requests.labels(*key), self._seconds.labels(route)
            self._children[key] = children
        children[0].inc()
        children[1].observe(seconds)

    def refused(self, code: str, faults: Iterable[str]) -> None:
        """Count a problem and the faults that it lists."""
        self._refusals.labels(code).inc()
        self.faulty(faults)

    def faulty(self, codes: Iterable[str]) -> None:
        """Count faults of single results or rows."""
        for code in codes:
            self._faults.labels(code).inc()

    def predicted(self, task: str, n: int) -> None:
        """Count predictions that were made."""
        if (child := self._by_task.get(task)) is None:
            child = self._by_task[task] = self._predictions.labels(task)
        child.inc(n)

    def recorded(self, n: int) -> None:
        """Count predictions that are on disk."""
        self._recorded.inc(n)

    def replayed(self) -> None:
        """Count an answer that was given again."""
        self._replayed.inc()

    def text(self, champions: Champions) -> bytes:
        """Everything in Prometheus' text format, with the bundles that answer now."""
        answering = CollectorRegistry()
        answering.register(_Answering(champions))
        return generate_latest(self._of_all_workers()) + generate_latest(answering)

    def samples(self) -> Iterator[Sample]:
        """Every count of all workers."""
        for family in self._of_all_workers().collect():
            yield from family.samples

    def _of_all_workers(self) -> CollectorRegistry:
        folder = os.environ.get(FOLDER)
        if not folder:
            return self._registry
        registry = CollectorRegistry()
        MultiProcessCollector(registry, folder)  # type: ignore[no-untyped-call]
        return registry


class _Answering:
    """The champions as metrics; a worker follows within a second, so anyone's will do."""

    def __init__(self, champions: Champions) -> None:
        self._champions = champions

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """One sample for each task, and how many champions cannot be used."""
        info = GaugeMetricFamily(
            "csf_champion_info", "The bundle that answers.", labels=["task", "bundle_id"]
        )
        for task, bundle_id in self._champions.ids.items():
            info.add_metric([task, bundle_id], 1)
        yield info
        n_problems = len(self._champions.problems)
        yield GaugeMetricFamily("csf_champion_problems", "Champions not usable.", value=n_problems)
