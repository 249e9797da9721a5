"""The cohort's visits as a table, and its gaps filled many times by multiple imputation.

Which visits and predictors go in is decided here, by how many patients there are.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from analysis.checks import Mask
from analysis.errors import AnalysisError, RankDeficientError
from analysis.multiple_imputation import LEAST_RESIDUAL_DF, impute, is_monotone
from data.cohort import Patient
from data.errors import CsfError
from data.outcome import lead_in_slope
from trial.schedule import seen_at, visit_months
from trial.study import Study
from trial.visits import total_at

N_IMPUTATIONS: Final = 50
_SEEN_BY: Final = 0.5
"""Share of patients who must have been seen at a visit that only helps to impute others."""

_PATIENTS_PER_COEFFICIENT: Final = 2
"""With fewer, drawn values spread far beyond what was seen (our choice)."""


@dataclass(frozen=True, slots=True)
class ImputationModel:
    """What values were imputed from.

    Attributes
    ----------
    visits
        Months of the visits in the model, ascending.
    predictors
        Besides earlier visits (all other visits where gaps are not monotone): ``arm``,
        ``baseline``, ``lead_in_slope``.
    is_monotone
        Whether nobody returns after a gap; then one sequential pass draws exactly.
    n_patients, n_imputations
        Patients with a baseline, and imputed data sets.
    """

    visits: tuple[float, ...]
    predictors: tuple[str, ...]
    is_monotone: bool
    n_patients: int
    n_imputations: int


@dataclass(frozen=True, slots=True)
class ImputedVisits:
    """Totals of all patients with a baseline.

    Attributes
    ----------
    baseline
        Shape (n_patients,).
    seen
        By month, shape (n_patients,); NaN where there was no visit.
    totals
        By month, shape (n_imputations, n_patients).
    """

    model: ImputationModel
    patients: tuple[Patient, ...]
    baseline: NDArray[np.float64]
    seen: dict[float, NDArray[np.float64]]
    totals: dict[float, NDArray[np.float64]]

    def is_msc(self) -> Mask:
        """Shape (n_patients,)."""
        return np.array([patient.arm == "msc" for patient in self.patients])


def impute_visits(study: Study) -> ImputedVisits:
    """Fill the visits reported, and those between that help to.

    With few patients the other visits are left out of the model, then the lead-in slope: the
    largest model that can be fitted is used.

    Raises
    ------
    CsfError
        Nobody has a baseline, too few patients for the smallest model, or totals that repeat each
        other.
    """
    patients = [p for p in study.cohort.patients if total_at(p.visits, 0) is not None]
    if not patients:
        raise CsfError("No patient has an ALSFRS-R total at month 0, so there is no change.")
    reported = _imputable(patients, study.months)
    helping = [month for month in visit_months(patients) if _helps(patients, month, reported)]
    every = sorted({*reported, *helping})
    for months in (every, reported):
        if _has_patients_for(patients, months):
            try:
                return _impute(study, patients, months, with_lead_in=True)
            except AnalysisError:
                continue  # visits that repeat each other: the next model is smaller
    try:
        return _impute(study, patients, reported, with_lead_in=False)
    except RankDeficientError as error:
        raise CsfError(
            "ALSFRS-R totals of different patients, or of different visits, repeat each other, so"
            " that no regression can be fitted from which to impute."
        ) from error


def _has_patients_for(patients: Sequence[Patient], months: Sequence[float]) -> bool:
    """Whether every visit was made by twice as many patients as its regression is long."""
    fewest = min(sum(seen_at(patient, month) for patient in patients) for month in months)
    # Intercept, arm, baseline and lead-in slope, and all visits but one.
    return fewest >= _PATIENTS_PER_COEFFICIENT * (4 + len(months) - 1)


def _imputable(patients: Sequence[Patient], months: Sequence[float]) -> list[float]:
    """Months at which enough patients were seen for the smallest model."""
    kept: list[float] = []
    for month in months:
        seen = sum(seen_at(patient, month) for patient in patients)
        # An intercept, the arm and the baseline, and the reported months before.
        if seen == len(patients) or seen >= 3 + len(kept) + LEAST_RESIDUAL_DF:
            kept.append(month)
    if not kept:
        raise CsfError(
            f"Fewer than {3 + LEAST_RESIDUAL_DF} patients were seen at each month reported, too few"
            " to impute the others."
        )
    return kept


def _helps(patients: Sequence[Patient], month: float, reported: Sequence[float]) -> bool:
    seen = sum(seen_at(patient, month) for patient in patients)
    return 0 < month <= max(reported) and seen >= _SEEN_BY * len(patients)


def _impute(
    study: Study, patients: Sequence[Patient], months: Sequence[float], *, with_lead_in: bool
) -> ImputedVisits:
    baseline = _column(total_at(patient.visits, 0) for patient in patients)
    seen = {month: _column(total_at(p.visits, month) for p in patients) for month in months}
    predictors = {"arm": _column(patient.arm == "msc" for patient in patients)}
    predictors["baseline"] = baseline
    outcomes = list(seen.values())
    if with_lead_in:
        slope = _column(lead_in_slope(patient.visits) for patient in patients)
        if np.isnan(slope).any():  # then it is imputed, too, as if it were the first visit
            outcomes.insert(0, slope)
        else:
            predictors["lead_in_slope"] = slope
    varying = {name: one for name, one in predictors.items() if np.ptp(one) > 0}
    table = np.column_stack(outcomes)
    fixed = np.column_stack([np.empty((len(patients), 0)), *varying.values()])
    rng = np.random.default_rng([study.seed, N_IMPUTATIONS])
    completed = impute(table, fixed, n_imputations=N_IMPUTATIONS, rng=rng)
    used = [*varying, *(["lead_in_slope"] if len(outcomes) > len(months) else [])]
    model = ImputationModel(
        tuple(months), tuple(used), is_monotone(np.isnan(table)), len(patients), N_IMPUTATIONS
    )
    filled = np.moveaxis(completed[:, :, -len(months) :], 2, 0)
    return ImputedVisits(
        model, tuple(patients), baseline, seen, dict(zip(months, filled, strict=True))
    )


def _column(values: Iterable[float | None]) -> NDArray[np.float64]:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
