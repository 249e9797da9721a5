"""Cytokines of good and of poor responders, for each horizon at which responders are judged."""

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from data.analytes import Analyte
from data.cohort import Patient
from data.outcome import ResponderDefinition, judge
from trial.analyte_pairs import AnalytePairs, analyte_pairs, baseline_level, follow_up_months
from trial.before_after import measured_analytes
from trial.co_change import STUDY_PAIR, CoChange, co_change, missing_of_study_pair
from trial.group_comparison import GroupComparison, compare_changes, compare_levels
from trial.holm import exact_or_normal, holm
from trial.not_computed import NotComputed
from trial.study import Study

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Judged:
    """The treated patients and who of them responded.

    Attributes
    ----------
    responders
        By id; patients who are not evaluable are not in it.
    horizon
        Month by which the outcome is known; None for a stated one.
    """

    patients: Sequence[Patient]
    responders: Mapping[str, bool]
    horizon: float | None
    level: float


@dataclass(frozen=True, slots=True)
class GroupsAtFollowUp:
    """Good and poor responders at one follow-up.

    Attributes
    ----------
    month
        1 for the second injection, else the month meant.
    level, change
        By analyte.
    p_holm
        p adjusted by Holm over the analytes: ``level_welch``, ``level_rank_sum``,
        ``change_welch``, ``change_rank_sum``.
    co_change
        Of the study's pair of analytes.
    """

    month: float
    level: Mapping[str, GroupComparison]
    change: Mapping[str, GroupComparison]
    p_holm: Mapping[str, Mapping[str, float]]
    co_change: CoChange | NotComputed


@dataclass(frozen=True, slots=True)
class GoodVersusPoor:
    """Treated patients by whether they responded.

    Attributes
    ----------
    outcome
        ``stated`` where the participants' table says who responded, else ``slopes``.
    definition
        The rule over slopes; None for a stated outcome.
    responders
        Whether each evaluable patient is a good responder, by id.
    not_evaluable
        Number of treated patients, by reason.
    months_after_horizon
        Follow-up months not looked at, because the outcome was known by then.
    baseline
        By analyte; p adjusted by Holm over the analytes in `p_holm` (``welch``, ``rank_sum``).
    """

    outcome: str
    definition: ResponderDefinition | None
    n_good: int
    n_poor: int
    responders: Mapping[str, bool]
    not_evaluable: Mapping[str, int]
    months_after_horizon: tuple[float, ...]
    baseline: Mapping[str, GroupComparison]
    p_holm: Mapping[str, Mapping[str, float]]
    follow_ups: tuple[GroupsAtFollowUp, ...]


def good_versus_poor(study: Study) -> tuple[GoodVersusPoor, ...] | NotComputed:
    """Compare the groups at each month reported, at the definition's own horizon, and as stated."""
    found = []
    if "alsfrs_r" in study.tables:
        horizons = {*study.months, study.definition.horizon_months or study.months[0]}
        found = [_by_slopes(study, horizon) for horizon in sorted(horizons)]
    if study.cohort.states_outcomes:
        found.append(_as_stated(study))
    if not found:
        return NotComputed(
            "Who responded is not known: there is neither a table alsfrs_r that can be used nor a"
            " column responder of participants."
        )
    return tuple(found)


def _by_slopes(study: Study, horizon: float) -> GoodVersusPoor:
    definition = replace(study.definition, horizon_months=horizon)
    patients = study.cohort.of_arm("msc")
    outcomes = {patient.patient_id: judge(patient.visits, definition) for patient in patients}
    left_out = Counter(str(o.not_evaluable) for o in outcomes.values() if o.responder is None)
    responders = {i: o.responder for i, o in outcomes.items() if o.responder is not None}
    judged = Judged(patients, responders, horizon, study.level)
    return _compared(study, judged, definition, left_out)


def _as_stated(study: Study) -> GoodVersusPoor:
    patients = study.cohort.of_arm("msc")
    stated = {p.patient_id: p.responder for p in patients if p.responder is not None}
    left_out = Counter("outcome_not_stated" for p in patients if p.responder is None)
    return _compared(study, Judged(patients, stated, None, study.level), None, left_out)


def _compared(
    study: Study,
    judged: Judged,
    definition: ResponderDefinition | None,
    left_out: Mapping[str, int],
) -> GoodVersusPoor:
    analytes = measured_analytes(study, judged.patients)
    months = {one: follow_up_months(judged.patients, one.name) for one in analytes}
    every = sorted({month for found in months.values() for month in found})
    horizon = math.inf if judged.horizon is None else judged.horizon
    baseline = {one.name: _baseline(one, judged) for one in analytes}
    return GoodVersusPoor(
        outcome="stated" if definition is None else "slopes",
        definition=definition,
        n_good=sum(judged.responders.values()),
        n_poor=len(judged.responders) - sum(judged.responders.values()),
        responders=dict(judged.responders),
        not_evaluable=dict(sorted(left_out.items())),
        months_after_horizon=tuple(month for month in every if month > horizon),
        baseline=baseline,
        p_holm=_adjusted(baseline),
        follow_ups=tuple(
            _at_follow_up(month, [one for one in analytes if month in months[one]], judged)
            for month in every
            if month <= horizon
        ),
    )


def _at_follow_up(month: float, analytes: Sequence[Analyte], judged: Judged) -> GroupsAtFollowUp:
    pairs = {
        one.name: analyte_pairs(judged.patients, one.name, month, horizon=judged.horizon)
        for one in analytes
    }
    levels, changes = {}, {}
    for one in analytes:
        good, poor = _groups(pairs[one.name].pairs, lambda pair: pair.patient_id, judged)
        after = [[pair.after for pair in group] for group in (good, poor)]
        levels[one.name] = compare_levels(one, "follow_up", *after, level=judged.level)
        changes[one.name] = compare_changes(one, good, poor, level=judged.level)
    adjusted = {"level": _adjusted(levels), "change": _adjusted(changes)}
    return GroupsAtFollowUp(
        month,
        levels,
        changes,
        {f"{what}_{test}": p for what, tests in adjusted.items() for test, p in tests.items()},
        _co_change(pairs, analytes, judged),
    )


def _baseline(analyte: Analyte, judged: Judged) -> GroupComparison:
    found = [(p.patient_id, baseline_level(p, analyte.name)) for p in judged.patients]
    known = [(patient_id, level) for patient_id, level in found if level is not None]
    good, poor = _groups(known, lambda one: one[0], judged)
    levels = [[level for _, level in group] for group in (good, poor)]
    return compare_levels(analyte, "baseline", *levels, level=judged.level)


def _groups(
    found: Sequence[Found], patient_id: Callable[[Found], str], judged: Judged
) -> tuple[list[Found], list[Found]]:
    """What was found of good and of poor responders."""
    known = [(judged.responders.get(patient_id(one)), one) for one in found]
    return [one for is_good, one in known if is_good], [
        one for is_good, one in known if is_good is False
    ]


def _co_change(
    pairs: Mapping[str, AnalytePairs], analytes: Sequence[Analyte], judged: Judged
) -> CoChange | NotComputed:
    missing = missing_of_study_pair(pairs)
    if missing is not None:
        return missing
    x, y = (pairs[name] for name in STUDY_PAIR)
    takes_logs = {one.name for one in analytes if one.scale == "concentration"}
    has_logs = takes_logs.issuperset(STUDY_PAIR)
    return co_change(x, y, judged.responders, has_logs=has_logs, level=judged.level)


def _adjusted(compared: Mapping[str, GroupComparison]) -> dict[str, dict[str, float]]:
    """Adjust p over the analytes by Holm."""
    welch = {
        name: one.difference.p
        for name, one in compared.items()
        if not isinstance(one.difference, NotComputed)
    }
    ranks = {
        name: exact_or_normal(one.rank_sum)
        for name, one in compared.items()
        if not isinstance(one.rank_sum, NotComputed)
    }
    return {"welch": holm(welch), "rank_sum": holm(ranks)}
