"""One property of a test over many simulated trials, held against what it ought to be."""

import math
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from trial.simulation.contrasts import Course, Floats

Measure = Literal[
    "mean",
    "coverage",
    "type_one_error",
    "type_one_error_if_singular",
    "singular_fits",
    "failed_fits",
    "responders",
]
Verdict = Literal["compatible", "not compatible", "reported", "not computed"]

MOST_ERRORS: Final = 3.0
"""Monte-Carlo standard errors that an estimate may be from its target."""
BY_CHANCE: Final = math.erfc(MOST_ERRORS / math.sqrt(2))
"""Share of estimates that are further from it by chance alone (normal approximation)."""


@dataclass(frozen=True, slots=True)
class Characteristic:
    """One property of a test, over all simulated trials.

    Attributes
    ----------
    name
        Unique, for programs.
    measure
        ``mean`` of the estimates; ``coverage`` of the population's value; ``type_one_error``,
        where the arms do not differ, and ``type_one_error_if_singular`` in the trials among them
        whose fit is singular; shares of ``singular_fits`` and ``failed_fits`` of intercept and two
        slopes; share of ``responders``.
    course
        Which trials: the simulator's ``published`` ones, or those in which both arms decline as
        its controls (``both_control``) or as its treated patients (``both_msc``), also with
        ``noisy_visits``.
    quantity, method, month
        As in `Contrast`; of responders the arm, and no method.
    estimate
        In the quantity's unit, or a proportion.
    standard_error
        Monte-Carlo; of a proportion with a nominal value, at that value.
    target, margin
        What it ought to be, and the departure from that which so many trials detect, or which is
        allowed; None where nothing is required.
    verdict
        ``compatible`` within the margin: no proof that it is as it ought to be.
    n_trials
        In which it could be computed.
    """

    name: str
    measure: Measure
    course: Course
    quantity: str
    method: str | None
    month: float | None
    estimate: float
    standard_error: float
    target: float | None
    margin: float | None
    verdict: Verdict
    n_trials: int


def judged(
    values: Floats,
    measure: Measure,
    method: str | None,
    quantity: str,
    month: float | None,
    *,
    course: Course = "published",
    target: float | None = None,
    target_error: float = 0.0,
    margin: float | None = None,
    is_nominal: bool = False,
) -> Characteristic:
    """The mean over all trials in which there is a value, held against its target.

    Parameters
    ----------
    values
        Shape (n_trials,); NaN where there is none.
    method, quantity, month, course
        As in `Characteristic`.
    target_error
        Standard error of the target itself.
    margin
        `MOST_ERRORS` of both errors together, if not given.
    is_nominal
        Whether values are 0 and 1 with the target as their probability.

    Examples
    --------
    >>> found = judged(
    ...     np.array([1.0, 0, 1, np.nan]), "coverage", "welch", "change", 4.0,
    ...     target=0.95, is_nominal=True,
    ... )
    >>> found.n_trials, found.verdict, found.name
    (3, 'compatible', 'coverage_welch_change_4')
    """
    there = values[~np.isnan(values)]
    n = there.size
    estimate = float(there.mean()) if n else math.nan
    error = float(there.std(ddof=1)) / math.sqrt(n) if n > 1 else math.nan
    if is_nominal and target is not None and n:
        error = math.sqrt(target * (1 - target) / n)
    if target is not None and margin is None:
        margin = MOST_ERRORS * math.hypot(error, target_error)
    return Characteristic(
        name=_name(measure, method, quantity, month, course),
        measure=measure,
        course=course,
        quantity=quantity,
        method=method,
        month=month,
        estimate=estimate,
        standard_error=error,
        target=target,
        margin=margin,
        verdict=verdict_on(estimate, target, margin),
        n_trials=n,
    )


def _name(
    measure: Measure, method: str | None, quantity: str, month: float | None, course: Course
) -> str:
    at = None if month is None else f"{month:g}"
    among = None if course == "published" else course
    return "_".join(part for part in (measure, method, quantity, at, among) if part is not None)


def verdict_on(estimate: float, target: float | None, margin: float | None) -> Verdict:
    """Whether an estimate can be told from what it ought to be.

    Examples
    --------
    >>> verdict_on(0.93, 0.95, 0.015), verdict_on(0.93, 0.95, 0.05)
    ('not compatible', 'compatible')
    """
    if math.isnan(estimate) or (margin is not None and math.isnan(margin)):
        return "not computed"
    if target is None or margin is None:
        return "reported"
    return "compatible" if abs(estimate - target) <= margin else "not compatible"
