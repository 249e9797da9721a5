"""How predictions fared against the outcomes told later: `GET /v1/monitoring/performance`.

Each bundle for itself: scores of two bundles are not one score.
"""

from typing import Any, Final

from service.monitoring.hiding import LEAST_SHOWN, shown
from service.monitoring.judged import Judged
from service.monitoring.live_estimates import Bools, Floats, live_estimates
from service.monitoring.looking import Looking
from service.store.monitoring import newest_answers

MOST_BUNDLES: Final = 20
"""That one report shows, the newest in front; each has to be read."""
MOST_ANSWERS: Final = 100_000
"""The newest, that one report looks at: about a second; more would make no interval narrower."""


def performance_report(looking: Looking) -> dict[str, Any]:
    """Live numbers of each bundle beside training's."""
    newest = newest_answers(looking.store, looking.tenant, looking.wanted, limit=MOST_ANSWERS + 1)
    judged: dict[str, Judged] = {}
    n_seen = 0
    for prediction in newest:  # to its end, which gives the database its cursor back
        n_seen += 1
        if n_seen <= MOST_ANSWERS:
            if prediction.bundle_id not in judged:
                judged[prediction.bundle_id] = Judged(prediction.task)
            judged[prediction.bundle_id].add(prediction)
    bundle_ids = sorted(judged, reverse=True)[:MOST_BUNDLES]
    return {
        **looking.heading(),
        "is_cut": n_seen > MOST_ANSWERS,
        "n_bundles": len(judged),
        "bundles": [_of_bundle(looking, bundle_id, judged[bundle_id]) for bundle_id in bundle_ids],
    }


def _of_bundle(looking: Looking, bundle_id: str, judged: Judged) -> dict[str, Any]:
    score, probability, is_responder = judged.arrays()
    bundle = looking.bundle(bundle_id)
    return {
        **looking.facts(bundle_id, judged.task, bundle),
        **_sizes(is_responder),
        "left_out": {name: shown(judged.left_out[name]) for name in ("repeated", "concurrent")},
        "n_erased": shown(judged.n_erased),
        "selection": _selection(probability, judged),
        "estimates": bundle and live_estimates(bundle, score, probability, is_responder),
    }


def _sizes(is_responder: Bools) -> dict[str, int | None]:
    """Of a class below five neither is told: the other would give it away, and nobody everybody."""
    n, n_cases = len(is_responder), int(is_responder.sum())
    told = min(n_cases, n - n_cases) >= LEAST_SHOWN
    return {
        "n_judged": shown(n),
        "n_cases": n_cases if told else None,
        "n_controls": n - n_cases if told else None,
    }


def _selection(probability: Floats, judged: Judged) -> dict[str, Any]:
    """Whether those whose outcome is known were predicted like those whose is not."""
    n = judged.n_waiting
    known = float(probability.mean()) if len(probability) >= LEAST_SHOWN else None
    return {
        "n_waiting": shown(n),
        "mean_probability_judged": known,
        "mean_probability_waiting": judged.total_waiting / n if n >= LEAST_SHOWN else None,
    }
