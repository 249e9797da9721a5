"""How predictions fared against the outcomes told later: `GET /v1/monitoring/performance`.

Each bundle for itself: scores of two bundles are not one score.
"""

from typing import Any, Final

from service.monitoring.hiding import LEAST_SHOWN, shown
from service.monitoring.judged import Judged, Waiting, judged_by_bundle, waiting_by_bundle
from service.monitoring.live_estimates import Bools, Floats, live_estimates
from service.monitoring.looking import Looking
from service.store.monitoring import answers
from service.store.outcomes import judged_predictions

MOST_BUNDLES: Final = 20
"""That one report shows, the newest in front; each has to be read."""


def performance_report(looking: Looking) -> dict[str, Any]:
    """Live numbers of each bundle beside training's."""
    place = (looking.store, looking.tenant, looking.wanted)
    judged = judged_by_bundle(judged_predictions(*place))
    waiting = waiting_by_bundle(answers(*place, without_outcome=True))
    bundle_ids = sorted({*judged, *waiting}, reverse=True)
    parts = []
    for bundle_id in bundle_ids[:MOST_BUNDLES]:
        rest = waiting.get(bundle_id) or Waiting(judged[bundle_id].task)
        found = judged.get(bundle_id) or Judged(rest.task)
        parts.append(_of_bundle(looking, bundle_id, found, rest))
    return {**looking.heading(), "n_bundles": len(bundle_ids), "bundles": parts}


def _of_bundle(looking: Looking, bundle_id: str, judged: Judged, rest: Waiting) -> dict[str, Any]:
    score, probability, is_responder = judged.arrays()
    bundle = looking.bundle(bundle_id)
    return {
        **looking.facts(bundle_id, judged.task, bundle),
        **_sizes(is_responder),
        "left_out": {name: shown(judged.left_out[name]) for name in ("repeated", "concurrent")},
        "n_erased": shown(judged.n_erased),
        "selection": _selection(probability, rest),
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


def _selection(judged: Floats, rest: Waiting) -> dict[str, Any]:
    """Whether those whose outcome is known were predicted like those whose is not."""
    return {
        "n_waiting": shown(rest.n),
        "mean_probability_judged": float(judged.mean()) if len(judged) >= LEAST_SHOWN else None,
        "mean_probability_waiting": rest.total / rest.n if rest.n >= LEAST_SHOWN else None,
    }
