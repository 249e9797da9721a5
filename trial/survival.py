"""The numbers of the survival page.

What belongs to one arm is in `trial.survival_of_arm`, what compares both in
`trial.survival_comparison`.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from analysis.survival_times import survival_times
from data.cohort import ARMS, Arm
from trial.not_computed import NotComputed
from trial.study import Study
from trial.survival_comparison import SurvivalComparison, compare_survival
from trial.survival_of_arm import ArmSurvival, survival_of_arm

_YEAR: Final = 12.0
_MOST_YEARS: Final = 10  # read one by one; longer follow-up is read at fewer times


@dataclass(frozen=True, slots=True, eq=False)
class SurvivalResults:
    """All of the survival page.

    Attributes
    ----------
    arms
        Each arm of which a survival time is known, the treated first.
    months
        At which survival is read: those reported, and every year of follow-up.
    tau
        Up to where mean survival is taken [months]: the smaller of the arms' longest follow-ups,
        because beyond it one of the curves is not known.
    """

    arms: tuple[ArmSurvival, ...]
    months: tuple[float, ...]
    tau: float
    comparison: SurvivalComparison | NotComputed


def analyse_survival(study: Study) -> SurvivalResults | NotComputed:
    """Estimate survival of each arm and compare the arms.

    Examples
    --------
    >>> from data.simulate import simulate_cohort
    >>> results = analyse_survival(Study(simulate_cohort("published", 64, 1)))
    >>> [(arm.arm, arm.n_patients) for arm in results.arms]
    [('msc', 33), ('control', 31)]
    """
    patients = study.cohort.patients
    known = [(one.arm, one.survival) for one in patients if one.survival is not None]
    if not known:
        return NotComputed("No survival time is known of any patient.")
    # All together, so that times that differ by rounding alone are the same in both arms.
    followed = survival_times(
        [survival.months for _, survival in known], [survival.event for _, survival in known]
    )
    is_of = {arm: np.array([of == arm for of, _ in known]) for arm in ARMS}
    times = {arm: followed.of(chosen) for arm, chosen in is_of.items() if chosen.any()}
    tau = min(one.largest for one in times.values())
    months = _months(study.months, followed.largest)
    arms = tuple(
        survival_of_arm(
            arm,
            one,
            n_without_time=_n_without_time(study, arm),
            months=months,
            tau=tau,
            level=study.level,
        )
        for arm, one in times.items()
    )
    comparison: SurvivalComparison | NotComputed
    if len(arms) < len(ARMS):
        comparison = NotComputed(
            f"Survival times are known of arm {arms[0].arm} only, so arms are not compared."
        )
    else:
        comparison = compare_survival(followed, is_of["msc"], arms, tau=tau, level=study.level)
    return SurvivalResults(arms, months, tau, comparison)


def _n_without_time(study: Study, arm: Arm) -> int:
    return sum(patient.survival is None for patient in study.cohort.of_arm(arm))


def _months(reported: tuple[float, ...], longest: float) -> tuple[float, ...]:
    step = _YEAR * max(1, math.ceil(longest / (_YEAR * _MOST_YEARS)))
    yearly = [step * n for n in range(1, 1 + int(longest // step))]
    return tuple(sorted({*reported, *yearly}))
