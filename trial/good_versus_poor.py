"""Cytokines of good and of poor responders, for each horizon at which responders are judged."""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from scipy.special import ndtri

from analysis.auc_power import planned_variance
from data.outcome import ResponderDefinition, judge
from trial.analyte_pairs import follow_up_months
from trial.before_after import measured_analytes
from trial.deaths import deaths_are_known, died_by
from trial.group_comparison import GroupComparison
from trial.groups_at_follow_up import (
    GroupsAtFollowUp,
    Judged,
    at_baseline,
    at_follow_up,
    holm_of_groups,
)
from trial.not_computed import NotComputed
from trial.study import Study

ANTICIPATED_AUC: Final = 0.7
"""An area such as one analyte may have (our choice)."""


@dataclass(frozen=True, slots=True)
class GoodVersusPoor:
    """Treated patients by whether they responded.

    Attributes
    ----------
    outcome
        ``stated`` where the participants' table says who responded, else ``slopes``.
    definition
        The rule over slopes; None for a stated outcome.
    n_good_died, n_poor_died
        Of them, those who by the table of survival had died or had a tracheostomy by the horizon;
        None where no survival time is known, and without a horizon.
    auc_half_width
        Of the interval of an AUC of `ANTICIPATED_AUC` in groups of this size (Hanley and McNeil
        1982, Radiology 143:29); None where a group is empty.
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
    n_good_died: int | None
    n_poor_died: int | None
    auc_half_width: float | None
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
    n_good = sum(judged.responders.values())
    n_poor = len(judged.responders) - n_good
    baseline = {one.name: at_baseline(one, judged) for one in analytes}
    return GoodVersusPoor(
        outcome="stated" if definition is None else "slopes",
        definition=definition,
        n_good=n_good,
        n_poor=n_poor,
        n_good_died=_died(judged, is_good=True),
        n_poor_died=_died(judged, is_good=False),
        auc_half_width=_auc_half_width(n_good, n_poor, study.level),
        responders=dict(judged.responders),
        not_evaluable=dict(sorted(left_out.items())),
        months_after_horizon=tuple(month for month in every if month > horizon),
        baseline=baseline,
        p_holm=holm_of_groups(baseline),
        follow_ups=tuple(
            at_follow_up(month, [one for one in analytes if month in months[one]], judged)
            for month in every
            if month <= horizon
        ),
    )


def _died(judged: Judged, *, is_good: bool) -> int | None:
    if judged.horizon is None or not deaths_are_known(judged.patients):
        return None
    return sum(
        died_by(patient, judged.horizon)
        for patient in judged.patients
        if judged.responders.get(patient.patient_id) is is_good
    )


def _auc_half_width(n_good: int, n_poor: int, level: float) -> float | None:
    if min(n_good, n_poor) == 0:
        return None
    variance = planned_variance(ANTICIPATED_AUC, n_good, n_poor, formula="hanley_mcneil")
    return float(ndtri((1 + level) / 2)) * math.sqrt(variance)
