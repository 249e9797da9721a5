"""How the arms compare before treatment, variable by variable.

Standardised differences tell how far apart the arms are; what is far by chance alone is in
`analysis.standardised_difference`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from analysis.standardised_difference import (
    standardised_category_difference,
    standardised_mean_difference,
)
from analysis.summary import quartiles, summarise
from data.cohort import ARMS, Arm, Patient
from data.outcome import lead_in_slope
from trial.covariates import Covariate, in_order, read_covariates
from trial.not_computed import NotComputed
from trial.spread import computed_with_spread
from trial.visits import total_at

_FEWEST: Final = 2
"""Patients of an arm from whom a spread can be told."""


@dataclass(frozen=True, slots=True)
class NumericSummary:
    """A numeric variable in one arm.

    Attributes
    ----------
    n, missing
        Patients with and without a value.
    mean, sd
        None where too few have one.
    quartiles
        Lower quartile, median, upper quartile; None where nobody has a value.
    """

    n: int
    missing: int
    mean: float | None
    sd: float | None
    quartiles: tuple[float, float, float] | None


@dataclass(frozen=True, slots=True)
class NumericVariable:
    """A numeric variable; the difference is MSC less control, in standard deviations."""

    name: str
    unit: str
    arms: Mapping[Arm, NumericSummary]
    standardised_difference: float | NotComputed


@dataclass(frozen=True, slots=True)
class CategoricalVariable:
    """Patients of each arm in each category; the difference has no sign."""

    name: str
    categories: Mapping[str, Mapping[Arm, int]]
    missing: Mapping[Arm, int]
    standardised_difference: float | NotComputed


def baseline_variables(
    patients: Sequence[Patient], *, has_visits: bool
) -> tuple[tuple[NumericVariable, ...], tuple[CategoricalVariable, ...], tuple[str, ...]]:
    """Numeric variables, categorical ones, and the names of those that are not tabulated.

    Parameters
    ----------
    has_visits
        Whether ALSFRS-R could be read.
    """
    covariates = read_covariates(patients)
    numeric = [
        numeric_variable(c.name, "", patients, c.numbers) for c in covariates if c.kind == "numeric"
    ]
    if has_visits:
        totals = {p.patient_id: total_at(p.visits, 0) for p in patients}
        slopes = {p.patient_id: lead_in_slope(p.visits) for p in patients}
        numeric.append(numeric_variable("ALSFRS-R at baseline", "points", patients, totals))
        numeric.append(numeric_variable("ALSFRS-R lead-in slope", "points/month", patients, slopes))
    categorical = (_categorical(patients, c) for c in covariates if c.kind == "categorical")
    left_out = (c.name for c in covariates if c.kind == "not_tabulated")
    return tuple(numeric), tuple(categorical), tuple(left_out)


def numeric_variable(
    name: str, unit: str, patients: Sequence[Patient], numbers: Mapping[str, float | None]
) -> NumericVariable:
    """Summarise one numeric variable in both arms.

    Parameters
    ----------
    numbers
        By patient id; None or no entry where it is missing.
    """
    found = {arm: [numbers.get(p.patient_id) for p in patients if p.arm == arm] for arm in ARMS}
    present = {arm: [x for x in found[arm] if x is not None] for arm in ARMS}
    return NumericVariable(
        name,
        unit,
        {arm: _summary(present[arm], len(found[arm]) - len(present[arm])) for arm in ARMS},
        mean_difference(present["msc"], present["control"]),
    )


def mean_difference(msc: Sequence[float], control: Sequence[float]) -> float | NotComputed:
    """Standardised mean difference of two arms, or why there is none."""
    if min(len(msc), len(control)) < _FEWEST:
        return NotComputed(
            f"No standardised difference of a variable: at least {_FEWEST} patients of each arm"
            " must have a value."
        )
    return computed_with_spread(
        lambda: standardised_mean_difference(msc, control),
        "No standardised difference of a variable: the means differ, but within each arm all"
        " patients have the same value.",
    )


def _summary(numbers: list[float], missing: int) -> NumericSummary:
    if len(numbers) > 1:
        found = summarise(numbers)
        return NumericSummary(found.n, missing, found.mean, found.sd, quartiles(numbers))
    mean = numbers[0] if numbers else None
    return NumericSummary(
        len(numbers), missing, mean, None, quartiles(numbers) if numbers else None
    )


def _categorical(patients: Sequence[Patient], covariate: Covariate) -> CategoricalVariable:
    found = {
        arm: [covariate.categories.get(p.patient_id) for p in patients if p.arm == arm]
        for arm in ARMS
    }
    categories = {
        category: {arm: found[arm].count(category) for arm in ARMS}
        for category in in_order(covariate.categories.values())
    }
    counts = {arm: [arms[arm] for arms in categories.values()] for arm in ARMS}
    return CategoricalVariable(
        covariate.name,
        categories,
        {arm: found[arm].count(None) for arm in ARMS},
        _category_difference(counts["msc"], counts["control"]),
    )


def _category_difference(msc: Sequence[int], control: Sequence[int]) -> float | NotComputed:
    if min(sum(msc), sum(control)) == 0:
        return NotComputed(
            "No standardised difference of categories: a patient of each arm must have one."
        )
    return computed_with_spread(
        lambda: standardised_category_difference(msc, control),
        "No standardised difference of categories: they tell the arms apart without exception.",
    )
