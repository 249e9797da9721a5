"""Whether patients who are sent now are like those who trained: `GET /v1/monitoring/drift`.

Each bundle for itself, each patient once, with the last prediction that counts.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

import numpy as np

from models.bundle import Bundle
from service.monitoring.attention import judge_together, loudest
from service.monitoring.comparing import (
    Compared,
    NewPatients,
    compare_levels,
    compare_ranges,
    compare_shares,
)
from service.monitoring.hiding import LEAST_SHOWN, shown, shown_parts
from service.monitoring.judged import numbers_of
from service.monitoring.leverage import leverage
from service.monitoring.looking import Looking
from service.monitoring.performance import MOST_BUNDLES
from service.monitoring.sent_panels import sent_columns
from service.store.monitoring import SentInput, newest_inputs

MOST_PREDICTIONS: Final = 20_000
"""The newest, that one report looks at; more would show drifts too small to matter."""


@dataclass(slots=True)
class _Sent:
    """What one bundle was sent, newest first, each patient once."""

    task: str
    inputs: dict[tuple[str, str], bytes] = field(default_factory=dict)
    numbers: list[tuple[float, float]] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)

    def add(self, sent: SentInput) -> None:
        if sent.input is None or sent.patient_id is None:
            self.left_out["erased"] += 1
        elif (sent.tenant, sent.patient_id) in self.inputs:
            self.left_out["repeated"] += 1
        else:
            self.inputs[sent.tenant, sent.patient_id] = sent.input
            self.numbers.append(numbers_of(sent.answer)[:2])


def drift_report(looking: Looking) -> dict[str, Any]:
    """What was sent beside what trained, bundle by bundle."""
    newest = newest_inputs(
        looking.store, looking.tenant, looking.wanted, limit=MOST_PREDICTIONS + 1
    )
    by_bundle: dict[str, _Sent] = {}
    n_seen = 0
    for sent in newest:
        n_seen += 1
        if n_seen <= MOST_PREDICTIONS:
            by_bundle.setdefault(sent.bundle_id, _Sent(sent.task)).add(sent)
    newest_bundles = sorted(by_bundle, reverse=True)[:MOST_BUNDLES]
    parts = [_of_bundle(looking, bundle_id, by_bundle[bundle_id]) for bundle_id in newest_bundles]
    return {
        **looking.heading(),
        "is_cut": n_seen > MOST_PREDICTIONS,
        "n_bundles": len(by_bundle),
        "bundles": parts,
    }


def _of_bundle(looking: Looking, bundle_id: str, sent: _Sent) -> dict[str, Any]:
    bundle = looking.bundle(bundle_id)
    drift = None
    if bundle is not None and "case_mix" in bundle.evaluation:
        drift = drift_of(bundle, list(sent.inputs.values()), sent.numbers)
    return {
        **looking.facts(bundle_id, sent.task, bundle),
        "n_patients": shown(len(sent.inputs)),
        "left_out": {name: shown(sent.left_out[name]) for name in ("repeated", "erased")},
        "drift": drift,
    }


def drift_of(
    bundle: Bundle, inputs: Sequence[bytes], numbers: Sequence[tuple[float, float]]
) -> dict[str, Any]:
    """Drift of what one bundle was sent.

    Parameters
    ----------
    bundle
        With a `case_mix` in its evaluation.
    inputs, numbers
        Of each patient the request, and the score and probability that were answered.
    """
    columns = sent_columns(inputs, bundle.manifest.domain_analytes())
    training = bundle.evaluation["case_mix"]
    found = compare(NewPatients.of(bundle.manifest, training, columns))
    score, probability = np.array(numbers, dtype=np.float64).reshape(-1, 2).T
    told = len(score) >= LEAST_SHOWN
    return {
        **found,
        "score": {
            "mean": float(score.mean()) if told else None,
            "sd": float(score.std(ddof=1)) if told else None,
            "training": training["score"],
        },
        "probability": _histogram(probability),
    }


def compare(new: NewPatients) -> dict[str, Any]:
    """Every comparison with training's summary, judged together."""
    parts = {
        "ranges": list(compare_ranges(new)),
        "levels": list(compare_levels(new)),
        "censored": list(compare_shares(new, "censored")),
        "missing": list(compare_shares(new, "missing")),
    }
    together = judge_together([one.p for part in parts.values() for one in part])
    judged = iter(together)
    rows = {name: [_row(one, asdict(next(judged))) for one in part] for name, part in parts.items()}
    n_tests = sum(found.p is not None for found in together)
    return {
        "attention": loudest(together),
        "n_tests": n_tests,
        "leverage": leverage(new),
        **rows,
    }


def _row(one: Compared, judgement: dict[str, Any]) -> dict[str, Any]:
    """A comparison with its verdict; a p would give a hidden count away."""
    if "k" in one.row and one.row["k"] is None:
        judgement |= {"p": None, "p_adjusted": None}
    return {**one.row, **judgement}


def _histogram(probability: Iterable[float]) -> list[dict[str, Any]]:
    """Patients by tenths of probability; the last holds 1."""
    counts = Counter(min(int(10 * one), 9) for one in probability)
    told = shown_parts({tenth: counts[tenth] for tenth in range(10)})
    return [{"lower": tenth / 10, "upper": (tenth + 1) / 10, "n": n} for tenth, n in told.items()]
