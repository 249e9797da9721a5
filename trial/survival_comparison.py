"""Survival of the treated arm against the control arm, by tests, hazard ratio and mean."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.checks import Mask
from analysis.cox import Cox, cox_regression
from analysis.cox_likelihood import Ties
from analysis.log_rank import LogRank, log_rank
from analysis.proportional_hazards import ProportionalHazards, proportional_hazards
from analysis.restricted_mean import RestrictedMeanDifference, restricted_mean_difference
from analysis.survival_times import SurvivalTimes
from trial.not_computed import NotComputed, computed
from trial.survival_of_arm import ArmSurvival


@dataclass(frozen=True, slots=True, eq=False)
class SurvivalComparison:
    """Both arms compared; what has no meaning for these data is not computed.

    Attributes
    ----------
    log_rank, peto_peto
        Peto and Peto's test weighs early events more.
    cox, cox_breslow
        Treated against control: a hazard ratio below 1 means that the treated have the event
        later. Ties by Efron, and by Breslow.
    proportional_hazards
        Whether that ratio changes with time.
    restricted_mean_difference
        Treated less control [months]; needs no proportional hazards, but events of either arm
        before the time up to which means are taken.
    """

    log_rank: LogRank | NotComputed
    peto_peto: LogRank | NotComputed
    cox: Cox | NotComputed
    cox_breslow: Cox | NotComputed
    proportional_hazards: ProportionalHazards | NotComputed
    restricted_mean_difference: RestrictedMeanDifference | NotComputed


def compare_survival(
    followed: SurvivalTimes,
    is_treated: Mask,
    arms: Sequence[ArmSurvival],
    *,
    tau: float,
    level: float,
) -> SurvivalComparison:
    """Compare the arms.

    Parameters
    ----------
    followed
        Patients of both arms.
    is_treated
        True for those of the treated arm, shape (n_patients,).
    arms
        Survival of each, the treated first.
    tau
        Up to where mean survival is compared [months].
    level
        Of the intervals.
    """
    arm_of = np.where(is_treated, "msc", "control")
    covariates = is_treated.astype(np.float64)[:, None]

    def fitted(ties: Ties) -> Cox:
        return cox_regression(followed, covariates, names=["arm msc"], ties=ties, level=level)

    def mean_difference() -> RestrictedMeanDifference:
        treated, control = (arm.curve for arm in arms)
        return restricted_mean_difference(treated, control, tau, level=level)

    means = (arm.restricted_mean for arm in arms)
    reasons = dict.fromkeys(one.not_computed for one in means if isinstance(one, NotComputed))
    cox = computed(lambda: fitted("efron"))
    return SurvivalComparison(
        log_rank=computed(lambda: log_rank(followed, arm_of)),
        peto_peto=computed(lambda: log_rank(followed, arm_of, rho=1.0)),
        cox=cox,
        cox_breslow=computed(lambda: fitted("breslow")),
        proportional_hazards=(
            cox
            if isinstance(cox, NotComputed)
            else computed(lambda: proportional_hazards(followed, covariates, cox))
        ),
        restricted_mean_difference=(
            NotComputed(" ".join(reasons)) if reasons else computed(mean_difference)
        ),
    )
