"""Regression to the mean: responders observed beside those expected without any treatment effect.

Controls respond, too, because a measured lead-in slope is partly error and because true courses
change by themselves.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from analysis.correlation import Correlation, pearson
from analysis.slope_errors import ErrorVariance
from analysis.true_slopes import NormalTruth
from data.cohort import ARMS, Arm
from data.outcome import ResponderDefinition, judge
from trial.expected_responders import SCENARIOS, ArmAsked, Scenario, ScenarioName, expect
from trial.measured_slopes import MeasuredSlopes, lead_in_error, measure_slopes
from trial.not_computed import NotComputed, computed
from trial.responder_rate import ResponderRate, responder_rate
from trial.study import Study


@dataclass(frozen=True, slots=True)
class ArmRegression:
    """One arm's slopes and the responders that they would lead to.

    Attributes
    ----------
    randomised, n
        All patients of the arm, and those with both slopes, evaluable or not.
    lead_in, follow_up
        True slopes [points/month].
    true_correlation
        Of both, errors taken off; None where errors explain all spread of either.
    measured_correlation
        Of the measured slopes.
    unchanged_correlation
        What measured slopes would correlate if true slopes did not change.
    """

    randomised: int
    n: int
    lead_in: NormalTruth
    follow_up: NormalTruth
    true_correlation: float | None
    measured_correlation: Correlation | NotComputed
    unchanged_correlation: float | None
    scenarios: Mapping[ScenarioName, Scenario | NotComputed]


@dataclass(frozen=True, slots=True)
class RegressionToMean:
    """Observed and expected responder rates of both arms, for one definition.

    Attributes
    ----------
    observed
        Responders among evaluable patients.
    error
        Variance of one ALSFRS-R total about its patient's lead-in line, both arms together.
    """

    definition: ResponderDefinition
    observed: Mapping[Arm, ResponderRate | NotComputed]
    error: ErrorVariance | NotComputed
    arms: Mapping[Arm, ArmRegression | NotComputed]


def analyse_regression_to_mean(study: Study, definition: ResponderDefinition) -> RegressionToMean:
    """Observed beside expected responder rates.

    Parameters
    ----------
    definition
        Over slopes, with the horizon that is looked at.
    """
    observed = {arm: _observed(study, arm, definition) for arm in ARMS}
    error = computed(lambda: lead_in_error(study.cohort.patients))
    if isinstance(error, NotComputed):
        return RegressionToMean(definition, observed, error, dict.fromkeys(ARMS, error))
    slopes = {
        arm: measure_slopes(arm, study.cohort.of_arm(arm), definition, error.variance)
        for arm in ARMS
    }
    asked = {arm: _asked(study, definition, slopes[arm], observed[arm]) for arm in ARMS}
    analysed = {arm: computed(partial(_arm, asked[arm], slopes["control"])) for arm in ARMS}
    return RegressionToMean(definition, observed, error, analysed)


def _observed(
    study: Study, arm: Arm, definition: ResponderDefinition
) -> ResponderRate | NotComputed:
    outcomes = [judge(patient.visits, definition) for patient in study.cohort.of_arm(arm)]
    if all(one.responder is None for one in outcomes):
        return NotComputed(f"Nobody of arm {arm} can be judged.")
    return responder_rate(outcomes, study.level)


def _asked(
    study: Study,
    definition: ResponderDefinition,
    slopes: MeasuredSlopes,
    observed: ResponderRate | NotComputed,
) -> ArmAsked:
    seen = observed if isinstance(observed, ResponderRate) else None
    return ArmAsked(study, definition, slopes, seen)


def _arm(asked: ArmAsked, controls: MeasuredSlopes) -> ArmRegression:
    slopes = asked.slopes
    lead_in, follow_up = slopes.true_slopes()
    measured = computed(lambda: pearson(slopes.before, slopes.after, level=asked.study.level))
    if isinstance(measured, NotComputed):
        measured = NotComputed(
            f"Measured slopes of arm {slopes.arm} are too few, or too much alike, to correlate."
        )
    return ArmRegression(
        len(asked.study.cohort.of_arm(slopes.arm)),
        slopes.before.size,
        lead_in,
        follow_up,
        slopes.true_correlation(),
        measured,
        slopes.correlation_if_unchanged(),
        {name: computed(partial(expect, asked, name, controls)) for name in SCENARIOS},
    )
