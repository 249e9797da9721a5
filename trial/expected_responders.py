"""Responders to be expected in one arm without any effect of treatment, under one assumption each.

Slopes do not change; or correlate no more than in PRO-ACT; or go on as the controls' did.
"""

from dataclasses import dataclass
from functools import partial
from typing import Final, Literal, get_args

import numpy as np

from analysis.checks import Mask, Vector
from analysis.rate_given_lead_in import GivenLeadIn, rate_as_others, rate_given_lead_in
from analysis.regression_to_mean import DrawnSlopes, ExpectedRate, NormalSlopes, expected_rate
from analysis.true_slopes import discrete_truth
from data.cohort import ARMS
from data.errors import CsfError
from data.outcome import ResponderDefinition, improvement, reaches
from trial.measured_slopes import MeasuredSlopes
from trial.not_computed import NotComputed, computed
from trial.responder_rate import ResponderRate
from trial.study import Study

N_TRIALS: Final = 20_000
"""Simulated trials of each scenario."""
PRO_ACT_CORRELATION: Final = 0.19
"""Of the slope measured over the first three months with the later one, in PRO-ACT."""

ScenarioName = Literal[
    "unchanged", "unchanged_normal", "correlated", "correlated_normal", "as_controls"
]
"""True slopes that do not change; that correlate as in PRO-ACT; and the controls' own course.
Without ``_normal`` no shape is assumed."""
SCENARIOS: Final[tuple[ScenarioName, ...]] = get_args(ScenarioName)


@dataclass(frozen=True, slots=True)
class Scenario:
    """Responders expected without a treatment effect, under one assumption.

    Attributes
    ----------
    correlation
        Of true slopes before and after; None for ``as_controls``.
    simulated
        From simulated trials of the same visits; None for ``as_controls``.
    given_lead_in
        Among the evaluable patients, given the lead-in slopes that were measured; None where
        slopes are drawn without a shape.
    """

    correlation: float | None
    simulated: ExpectedRate | None
    given_lead_in: GivenLeadIn | NotComputed | None


@dataclass(frozen=True, slots=True)
class ArmAsked:
    """The arm that expectations are for, and what was seen in it."""

    study: Study
    definition: ResponderDefinition
    slopes: MeasuredSlopes
    seen: ResponderRate | None


def expect(asked: ArmAsked, name: ScenarioName, controls: MeasuredSlopes) -> Scenario:
    """Expected responders of an arm.

    Parameters
    ----------
    controls
        Their slopes, for ``as_controls``.

    Raises
    ------
    CsfError
        Too few patients, errors without any size where a shape is to be estimated, or slopes that
        cannot correlate as asked.
    """
    if name == "as_controls":
        return _as_controls(asked, controls)
    true_slopes = _true_slopes(asked.slopes, name)
    simulated = expected_rate(
        true_slopes,
        asked.slopes.errors,
        asked.slopes.error_variance,
        partial(_judge, asked.definition),
        n_trials=N_TRIALS,
        rng=_rng(asked, name),
        observed=None if asked.seen is None else asked.seen.rate.value,
        level=asked.study.level,
    )
    if isinstance(true_slopes, DrawnSlopes):
        return Scenario(true_slopes.kept, simulated, None)
    given = computed(lambda: _given_lead_in(asked, true_slopes))
    return Scenario(true_slopes.correlation, simulated, given)


def _rng(asked: ArmAsked, name: ScenarioName) -> np.random.Generator:
    """A stream of its own, so that no number depends on what else could be computed."""
    return np.random.default_rng(
        [asked.study.seed, ARMS.index(asked.slopes.arm), SCENARIOS.index(name)]
    )


def _true_slopes(slopes: MeasuredSlopes, name: ScenarioName) -> NormalSlopes | DrawnSlopes:
    """True slopes of this arm's lead-in, with the same distribution after it."""
    is_same = name in ("unchanged", "unchanged_normal")
    correlation = 1.0 if is_same else slopes.correlation_behind(PRO_ACT_CORRELATION)
    lead_in, _ = slopes.true_slopes()
    if name in ("unchanged_normal", "correlated_normal"):
        return NormalSlopes(lead_in.mean, lead_in.mean, lead_in.sd, lead_in.sd, correlation)
    if slopes.error_variance == 0:
        raise CsfError(
            "All lead-in totals lie on their patients' lines: there is no error to take off slopes."
        )
    if correlation < 0:
        raise CsfError(
            f"True slopes of arm {slopes.arm} would have to correlate below 0 to be measured at"
            f" {PRO_ACT_CORRELATION:g}, which slopes drawn without a shape cannot."
        )
    truth = discrete_truth(slopes.before, slopes.error("before"))
    return DrawnSlopes(truth, correlation)


def _judge(definition: ResponderDefinition, before: Vector, after: Vector) -> tuple[Mask, Mask]:
    gained = improvement(before, after, definition)
    return ~np.isnan(gained), reaches(gained, definition)


def _given_lead_in(asked: ArmAsked, true_slopes: NormalSlopes) -> GivenLeadIn:
    slopes = asked.slopes
    evaluable, least_after = _least_after(asked.definition, slopes)
    return rate_given_lead_in(
        true_slopes,
        slopes.before[evaluable],
        least_after[evaluable],
        [one for one, kept in zip(slopes.errors, evaluable, strict=True) if kept],
        slopes.error_variance,
        observed=None if asked.seen is None else asked.seen.responders,
        level=asked.study.level,
    )


def _as_controls(asked: ArmAsked, controls: MeasuredSlopes) -> Scenario:
    if controls.before.size < 3:
        raise CsfError(
            "Fewer than three controls have both a lead-in and a follow-up slope, so nothing says"
            " how controls go on."
        )
    evaluable, least_after = _least_after(asked.definition, asked.slopes)
    expected = rate_as_others(
        asked.slopes.before[evaluable],
        least_after[evaluable],
        controls.before,
        controls.after,
        observed=None if asked.seen is None else asked.seen.responders,
        level=asked.study.level,
    )
    return Scenario(None, None, expected)


def _least_after(definition: ResponderDefinition, slopes: MeasuredSlopes) -> tuple[Mask, Vector]:
    """Who is evaluable, and the follow-up slope that makes each a responder [points/month]."""
    evaluable, _ = _judge(definition, slopes.before, slopes.after)
    if not evaluable.any():
        raise CsfError(f"Nobody of arm {slopes.arm} can be judged.")
    needed = definition.least
    gain = needed / 100 * np.abs(slopes.before) if definition.percent is not None else needed
    return evaluable, slopes.before + gain
