"""One measure of the patients in both arms, and the tests that compare them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from analysis.ancova import Ancova, ancova, slope_difference
from analysis.mean_difference import MeanDifference, Variances, two_sample_t
from analysis.summary import summarise
from data.cohort import ARMS, Arm, Patient
from trial.not_computed import NotComputed
from trial.spread import computed_with_spread

Measure = Callable[[Patient], float | None]
"""A number of one patient; None where it is missing."""

_FEWEST: Final = 2
"""Patients of an arm from whom a spread can be told."""
_FEWEST_FOR_LINES: Final = 5
"""Patients of both arms from whom the spread around two lines can be told."""
_NO_LINES: Final = (
    "A covariate cannot be adjusted for, nor its lines be compared, where all patients of an arm"
    " have the same covariate or all values lie on the lines."
)


@dataclass(frozen=True, slots=True)
class ArmSummary:
    """Patients of one arm who have the measure; mean and SD are None where too few have it."""

    n: int
    mean: float | None
    sd: float | None


@dataclass(frozen=True, slots=True)
class Adjusted:
    """The arms compared at the same value of a covariate.

    Attributes
    ----------
    covariate
        Its name.
    ancova
        With the two adjusted means.
    slope_difference
        MSC's slope on the covariate less control's: the check that both lines are parallel.
    """

    covariate: str
    ancova: Ancova | NotComputed
    slope_difference: MeanDifference | NotComputed


@dataclass(frozen=True, slots=True)
class ArmComparison:
    """Every difference is MSC less control.

    Attributes
    ----------
    welch
        The headline: variances may differ.
    student
        Pooled variance, as the study tested changes.
    """

    arms: Mapping[Arm, ArmSummary]
    welch: MeanDifference | NotComputed
    student: MeanDifference | NotComputed
    adjusted: tuple[Adjusted, ...]


def compare_arms(
    patients: Sequence[Patient],
    measure: Measure,
    covariates: Mapping[str, Measure],
    *,
    level: float,
) -> ArmComparison:
    """Compare a measure between the arms, each test left out with its reason where it must be.

    Parameters
    ----------
    patients
        Those without the measure are left out; of an adjusted comparison, those without its
        covariate, too.
    covariates
        One adjusted comparison for each, by name.
    level
        Of the intervals.
    """
    values = {arm: _values([p for p in patients if p.arm == arm], measure) for arm in ARMS}
    return ArmComparison(
        arms={arm: _summary([value for _, value in values[arm]]) for arm in ARMS},
        welch=_t_test(values, "unequal", level),
        student=_t_test(values, "equal", level),
        adjusted=tuple(
            _adjusted(values, name, covariate, level) for name, covariate in covariates.items()
        ),
    )


_Values = Mapping[Arm, list[tuple[Patient, float]]]


def _values(patients: Sequence[Patient], measure: Measure) -> list[tuple[Patient, float]]:
    found = ((patient, measure(patient)) for patient in patients)
    return [(patient, value) for patient, value in found if value is not None]


def _summary(values: list[float]) -> ArmSummary:
    if len(values) < _FEWEST:
        return ArmSummary(len(values), values[0] if values else None, None)
    found = summarise(values)
    return ArmSummary(found.n, found.mean, found.sd)


def _too_few(values: _Values) -> NotComputed | None:
    few = [f"{len(values[arm])} of arm {arm}" for arm in ARMS if len(values[arm]) < _FEWEST]
    if not few:
        return None
    return NotComputed(
        f"The arms cannot be compared: at least {_FEWEST} patients of each must have the value,"
        f" but only {' and '.join(few)} have."
    )


def _t_test(values: _Values, variances: Variances, level: float) -> MeanDifference | NotComputed:
    msc, control = ([value for _, value in values[arm]] for arm in ARMS)
    few = _too_few(values)
    if few is not None:
        return few
    return computed_with_spread(
        lambda: two_sample_t(msc, control, variances=variances, level=level),
        "There is nothing to test against: within each arm all patients have the same value.",
    )


def _adjusted(values: _Values, name: str, covariate: Measure, level: float) -> Adjusted:
    complete = {
        arm: [(p, value, x) for p, value in values[arm] if (x := covariate(p)) is not None]
        for arm in ARMS
    }
    few = _too_few({arm: [(p, value) for p, value, _ in complete[arm]] for arm in ARMS})
    if few is not None:
        return Adjusted(name, few, few)
    msc, control = ([value for _, value, _ in complete[arm]] for arm in ARMS)
    of_msc, of_control = ([x for _, _, x in complete[arm]] for arm in ARMS)
    return Adjusted(
        name,
        computed_with_spread(
            lambda: ancova(msc, control, of_msc, of_control, level=level), _NO_LINES
        ),
        _slope_difference((msc, control), (of_msc, of_control), level),
    )


def _slope_difference(
    values: tuple[list[float], list[float]],
    covariate: tuple[list[float], list[float]],
    level: float,
) -> MeanDifference | NotComputed:
    if sum(map(len, values)) < _FEWEST_FOR_LINES:
        return NotComputed(
            "Whether the lines are parallel cannot be told: at least"
            f" {_FEWEST_FOR_LINES} patients must have the value and the covariate."
        )
    return computed_with_spread(
        lambda: slope_difference(*values, *covariate, level=level), _NO_LINES
    )
