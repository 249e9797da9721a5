"""What all workers have counted since the service started: refusals, faults, replays, latency.

Of everybody, and gone with the service: nothing of a refused request is kept.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from prometheus_client.samples import Sample

from service.monitoring.hiding import shown

QUANTILES: Final = (0.5, 0.95, 0.99)
_SECONDS: Final = "csf_request_seconds_bucket"


def traffic(samples: Iterable[Sample]) -> dict[str, Any]:
    """Counts and times from the metrics' samples."""
    found = list(samples)
    return {
        "of": "everybody",
        "since": "start",
        "refusals": _by_code(found, "csf_refusals_total"),
        "faults": _by_code(found, "csf_faults_total"),
        "n_replayed": shown(_sum(found, "csf_replayed_total")),
        "latency": _latencies(found),
    }


def _by_code(samples: Sequence[Sample], name: str) -> list[dict[str, Any]]:
    counted = {s.labels["code"]: int(s.value) for s in samples if s.name == name and s.value}
    return [{"code": code, "n": shown(n)} for code, n in sorted(counted.items())]


def _sum(samples: Sequence[Sample], name: str) -> int:
    return int(sum(sample.value for sample in samples if sample.name == name))


def _latencies(samples: Sequence[Sample]) -> list[dict[str, Any]]:
    by_route: dict[str, list[tuple[float, float]]] = {}
    for sample in samples:
        if sample.name == _SECONDS:
            bucket = (float(sample.labels["le"]), sample.value)
            by_route.setdefault(sample.labels["route"], []).append(bucket)
    return [
        {"route": route, "n": shown(int(max(n for _, n in buckets))), **_quantiles(buckets)}
        for route, buckets in sorted(by_route.items())
    ]


def _quantiles(buckets: Sequence[tuple[float, float]]) -> dict[str, float | None]:
    found = {f"p{100 * share:g}_ms": quantile(buckets, share) for share in QUANTILES}
    return {name: None if s is None else round(1000 * s, 3) for name, s in found.items()}


def quantile(buckets: Sequence[tuple[float, float]], share: float) -> float | None:
    """A quantile of a histogram, as Prometheus' `histogram_quantile` has it.

    Parameters
    ----------
    buckets
        Upper ends and how many are at or below, the last one infinite.
    share
        From 0 to 1.

    Returns
    -------
    float or None
        Even within a bucket; None where nothing was counted, or it lies beyond the last end.

    Examples
    --------
    >>> quantile([(0.5, 50), (1.0, 100), (float("inf"), 100)], 0.75)
    0.75
    """
    ordered = sorted(buckets)
    rank = share * ordered[-1][1]
    begin = below = 0.0
    for end, n in ordered:
        if n >= rank and n > 0:
            if end == float("inf"):
                return None
            return begin + (end - begin) * (rank - below) / (n - below)
        begin, below = end, n
    return None
