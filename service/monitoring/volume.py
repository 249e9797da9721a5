"""How much is asked, when, of whom, and how it ended: `GET /v1/monitoring/volume`."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from service.monitoring.hiding import shown, shown_part, shown_parts
from service.monitoring.looking import Looking
from service.store.monitoring import DayTally, answers, day_tallies

_STATES: Final = ("n_voided", "n_superseded", "n_erased", "n_with_outcome")
_CODE: Final = re.compile(rb'\{"code":"([a-z_]+)","path":')


def volume_report(looking: Looking) -> dict[str, Any]:
    """Predictions of each bundle by day, what became of them, and their flags."""
    place = (looking.store, looking.tenant, looking.wanted)
    tallies = day_tallies(*place)
    flags = _flags(answers(*place))
    by_bundle: dict[str, list[DayTally]] = {}
    for tally in tallies:
        by_bundle.setdefault(tally.bundle_id, []).append(tally)
    totals = {bundle_id: sum(day.n for day in days) for bundle_id, days in by_bundle.items()}
    told = shown_parts(totals)
    parts = [
        _of_bundle(looking, days, told[bundle_id], flags.get(bundle_id, {}))
        for bundle_id, days in by_bundle.items()
    ]
    return {**looking.heading(), "n_predictions": shown(sum(totals.values())), "bundles": parts}


def _of_bundle(
    looking: Looking, days: Sequence[DayTally], total: int | None, flags: Mapping[str, int]
) -> dict[str, Any]:
    """One bundle; days without predictions are left out."""
    first, made = days[0], sum(day.n for day in days)
    by_day = shown_parts({day.day: day.n for day in days})
    return {
        "bundle_id": first.bundle_id,
        "task": first.task,
        "champion": first.bundle_id in looking.champions.ids.values(),
        "n_predictions": total,
        **{state: shown(sum(getattr(day, state) for day in days)) for state in _STATES},
        "days": [{"day": day, "n": None if total is None else n} for day, n in by_day.items()],
        "flags": [{"code": code, "n": shown_part(n, made)} for code, n in sorted(flags.items())],
    }


def _flags(kept: Iterable[tuple[str, str, bytes]]) -> dict[str, Counter[str]]:
    """How many predictions of each bundle have a flag, by code."""
    found: dict[str, Counter[str]] = {}
    for bundle_id, _, answer in kept:
        # No text holds the key: its quotation marks are escaped.
        codes = set(_CODE.findall(answer, answer.index(b'"flags":')))
        found.setdefault(bundle_id, Counter()).update(code.decode() for code in codes)
    return found
