"""Whether the changes of two analytes go together, in good and in poor responders.

"Significant in one group, not in the other" is no difference between groups: the difference is
estimated itself, as one of correlations and as one of slopes.
"""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from data.analytes import Analyte
from trial.analyte_pairs import AnalytePair, AnalytePairs
from trial.co_change_on_scale import CoChangeOnScale, correlate
from trial.not_computed import NotComputed

STUDY_PAIR: Final = ("TGF-b1", "MCP-1")
"""Change of the first on x, of the second on y (Oh 2018, Figure 3B)."""


@dataclass(frozen=True, slots=True)
class PatientChanges:
    """One patient's changes of both analytes.

    Attributes
    ----------
    log_ratio
        Natural logarithm of follow-up over baseline, of x and y; None where one of them holds no
        concentrations.
    difference
        Follow-up less baseline, of x and y [each analyte's unit].
    is_censored
        Whether any of the four levels lies beyond a limit.
    """

    patient_id: str
    is_good: bool
    log_ratio: tuple[float, float] | None
    difference: tuple[float, float]
    is_censored: bool


@dataclass(frozen=True, slots=True)
class CoChange:
    """Changes of x and y at one follow-up, in patients with an evaluable outcome.

    Attributes
    ----------
    log
        The page leads with it; not computed where x or y holds no concentrations.
    raw
        The same of differences, as in the study.
    """

    month: float
    x: str
    y: str
    units: tuple[str, str]
    n_censored: int
    patients: tuple[PatientChanges, ...]
    log: CoChangeOnScale | NotComputed
    raw: CoChangeOnScale


def co_change(
    x: AnalytePairs,
    y: AnalytePairs,
    outcomes: Mapping[str, bool],
    analytes: tuple[Analyte, Analyte],
    *,
    level: float,
) -> CoChange:
    """Correlate the changes of two analytes at the same follow-up.

    Parameters
    ----------
    outcomes
        Whether a patient is a good responder, by id; others are left out.
    analytes
        Of x and of y.
    """
    has_logs = all(one.scale == "concentration" for one in analytes)
    of_y = {pair.patient_id: pair for pair in y.pairs}
    patients = tuple(
        _patient(pair, of_y[pair.patient_id], outcomes[pair.patient_id], has_logs=has_logs)
        for pair in x.pairs
        if pair.patient_id in of_y and pair.patient_id in outcomes
    )
    ids = tuple(one.patient_id for one in patients)
    is_good = np.array([one.is_good for one in patients], dtype=np.bool_)
    raw = np.array([one.difference for one in patients], dtype=np.float64).reshape(-1, 2)
    log: CoChangeOnScale | NotComputed = NotComputed(
        f"{x.analyte} and {y.analyte} are not both concentrations, so no logarithm is taken."
    )
    if has_logs:
        ratios = np.array([one.log_ratio for one in patients], dtype=np.float64).reshape(-1, 2)
        log = correlate("log", ratios, is_good, ids, level)
    return CoChange(
        month=x.month,
        x=x.analyte,
        y=y.analyte,
        units=(analytes[0].unit, analytes[1].unit),
        n_censored=sum(one.is_censored for one in patients),
        patients=patients,
        log=log,
        raw=correlate("raw", raw, is_good, ids, level),
    )


def missing_of_study_pair(measured: Collection[str]) -> NotComputed | None:
    """Why the study's correlation cannot be had; None where both analytes were measured."""
    missing = [name for name in STUDY_PAIR if name not in measured]
    if not missing:
        return None
    were = "was" if len(missing) == 1 else "were"
    return NotComputed(
        f"{' and '.join(missing)} {were} not measured in treated patients, so the study's"
        f" correlation of the changes of {STUDY_PAIR[0]} and {STUDY_PAIR[1]} cannot be computed."
    )


def _patient(x: AnalytePair, y: AnalytePair, is_good: bool, *, has_logs: bool) -> PatientChanges:
    (x_before, x_after), (y_before, y_after) = x.substituted, y.substituted
    return PatientChanges(
        x.patient_id,
        is_good,
        (math.log(x_after / x_before), math.log(y_after / y_before)) if has_logs else None,
        (x_after - x_before, y_after - y_before),
        is_censored=x.is_censored or y.is_censored,
    )
