"""How many patients would respond by chance: two measured slopes simulated from true ones.

True slopes before and after come from a stated distribution, errors from the visits of each
patient. Nothing here knows what a responder is: the rule is handed in.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from analysis.checks import Mask, Vector, checked_level
from analysis.errors import AnalysisError, OutOfRangeError, TooFewError
from analysis.slope_errors import SlopeErrors
from analysis.true_slopes import DiscreteTruth

Judge = Callable[[Vector, Vector], tuple[Mask, Mask]]
"""From measured slopes before and after to who is evaluable, and who of those responds."""


class NobodyEvaluableError(AnalysisError):
    """Nobody is evaluable in any of the simulated trials."""

    def __init__(self) -> None:
        super().__init__(
            "Nobody would be evaluable in any simulated trial, so no responder rate is expected."
        )


class TrueSlopes(Protocol):
    """A distribution of patients' true slopes before and after."""

    def draw(self, n: int, rng: np.random.Generator) -> NDArray[np.float64]:
        """Shape (n, 2), before and after."""
        ...


@dataclass(frozen=True, slots=True)
class NormalSlopes:
    """True slopes that are bivariate normal.

    Parameters
    ----------
    mean_before, mean_after : float
    sd_before, sd_after : float
        0 or above.
    correlation : float
        Between the true slopes; 1 with the same mean and SD is a slope that does not change.

    Raises
    ------
    OutOfRangeError
        An SD below 0, a correlation beyond 1.

    Examples
    --------
    >>> unchanged = NormalSlopes(-1.0, -1.0, 0.5, 0.5, 1.0)
    >>> before, after = unchanged.draw(3, np.random.default_rng(1)).T
    >>> bool((before == after).all())
    True
    """

    mean_before: float
    mean_after: float
    sd_before: float
    sd_after: float
    correlation: float

    def __post_init__(self) -> None:
        """Refuse what no distribution can have."""
        if not (0 <= self.sd_before < np.inf and 0 <= self.sd_after < np.inf):
            raise OutOfRangeError("sd_before and sd_after", "finite and at least 0")
        if not -1 <= self.correlation <= 1:
            raise OutOfRangeError("correlation", "between -1 and 1")

    def draw(self, n: int, rng: np.random.Generator) -> NDArray[np.float64]:
        """Draw true slopes, shape (n, 2)."""
        one, other = rng.standard_normal((2, n))
        other = self.correlation * one + np.sqrt(1 - self.correlation**2) * other
        return np.column_stack(
            [self.mean_before + self.sd_before * one, self.mean_after + self.sd_after * other]
        )


@dataclass(frozen=True, slots=True)
class DrawnSlopes:
    """True slopes of any distribution, the same before and after.

    Parameters
    ----------
    truth : DiscreteTruth
        Of the slopes before, and of those after.
    kept : float
        Share of patients who keep their slope; the others' slope after is drawn anew. It is the
        correlation between before and after.

    Raises
    ------
    OutOfRangeError
        A share beyond 0 and 1.

    Examples
    --------
    >>> truth = DiscreteTruth(np.array([-2.0, 0.0]), np.array([0.5, 0.5]), 8)
    >>> before, after = DrawnSlopes(truth, kept=1.0).draw(9, np.random.default_rng(1)).T
    >>> bool((before == after).all())
    True
    """

    truth: DiscreteTruth
    kept: float

    def __post_init__(self) -> None:
        """Refuse what no share can be."""
        if not 0 <= self.kept <= 1:
            raise OutOfRangeError("kept", "between 0 and 1")

    def draw(self, n: int, rng: np.random.Generator) -> NDArray[np.float64]:
        """Draw true slopes, shape (n, 2)."""
        weights = self.truth.weights / self.truth.weights.sum()
        slope, anew = rng.choice(self.truth.values, size=(2, n), p=weights)
        return np.column_stack([slope, np.where(rng.random(n) < self.kept, slope, anew)])


@dataclass(frozen=True, slots=True)
class ExpectedRate:
    """The responder rate that a distribution of true slopes leads to.

    Parameters
    ----------
    rate : float
        Responders among evaluable patients, expected.
    standard_error : float
        Of `rate`, from the number of simulated trials alone.
    evaluable : float
        Expected share of patients who are evaluable.
    lower, upper : float
        Between them lies the rate of `level` of the simulated trials.
    level : float
    as_high : float or None
        Share of the simulated trials whose rate reaches the observed one.
    n_patients, n_trials : int
        Patients in each simulated trial, and trials.
    """

    rate: float
    standard_error: float
    evaluable: float
    lower: float
    upper: float
    level: float
    as_high: float | None
    n_patients: int
    n_trials: int


def expected_rate(
    slopes: TrueSlopes,
    errors: Sequence[SlopeErrors],
    error_variance: float,
    judge: Judge,
    *,
    n_trials: int,
    rng: np.random.Generator,
    observed: float | None = None,
    level: float = 0.95,
) -> ExpectedRate:
    """Simulate trials of the same patients' visits and count who responds.

    Parameters
    ----------
    slopes : TrueSlopes
        Of all patients alike.
    errors : sequence of SlopeErrors
        One for each patient, from that patient's visits.
    error_variance : float
        Of one visit, 0 or above [points^2].
    judge : Judge
        The responder rule.
    n_trials : int
        At least 1.
    rng : numpy.random.Generator
        The only source of randomness.
    observed : float, optional
        The rate that was seen, 0 to 1.
    level : float
        Share of trials between `lower` and `upper`.

    Returns
    -------
    ExpectedRate

    Raises
    ------
    TooFewError
        No patient or no trial.
    NobodyEvaluableError
        Nobody evaluable in any trial.
    OutOfRangeError
        An error variance below 0 or a level out of range.

    Notes
    -----
    Totals are taken as normal about a straight line, with the same error variance at every visit;
    measured slopes are then normal about the true ones, and are drawn directly. Limits and
    rounding of the scale are not simulated. Source: our choice; regression to the mean as in
    Barnett 2005, Int J Epidemiol 34:215.

    Examples
    --------
    Without errors and without change nobody improves:

    >>> from analysis.slope_errors import slope_errors
    >>> def judge(before, after):
    ...     return before < 0, after >= before / 2
    >>> errors = [slope_errors([-2, -1, 0, 2, 4], 4)] * 10
    >>> same = NormalSlopes(-1.0, -1.0, 0.5, 0.5, 1.0)
    >>> expected_rate(same, errors, 0.0, judge, n_trials=99, rng=np.random.default_rng(1)).rate
    0.0
    >>> found = expected_rate(same, errors, 1.0, judge, n_trials=999, rng=np.random.default_rng(1))
    >>> 0.2 < found.rate < 0.4
    True
    """
    checked_level(level)
    for what, count in (("patients with visits on both sides", len(errors)), ("trials", n_trials)):
        if count < 1:
            raise TooFewError(what, count, 1)
    if not 0 <= error_variance < np.inf:
        raise OutOfRangeError("error_variance", "finite and at least 0")
    evaluable, responders = np.zeros(n_trials), np.zeros(n_trials)
    for of_patient in errors:
        before, after = _measured(slopes, of_patient, error_variance, n_trials, rng)
        judged, responds = judge(before, after)
        evaluable += judged
        responders += judged & responds
    return _summarised(evaluable, responders, len(errors), observed, level)


def _measured(
    slopes: TrueSlopes,
    errors: SlopeErrors,
    error_variance: float,
    n: int,
    rng: np.random.Generator,
) -> tuple[Vector, Vector]:
    """One patient's two measured slopes in each trial."""
    one, other = np.sqrt(error_variance) * rng.standard_normal((2, n))
    slope = errors.shared / np.sqrt(errors.before)
    own = np.sqrt(max(errors.after - slope**2, 0.0))
    before, after = slopes.draw(n, rng).T
    return before + np.sqrt(errors.before) * one, after + slope * one + own * other


def _summarised(
    evaluable: Vector, responders: Vector, n_patients: int, observed: float | None, level: float
) -> ExpectedRate:
    n_trials = evaluable.size
    if not evaluable.any():
        raise NobodyEvaluableError
    rate = float(responders.sum() / evaluable.sum())
    spread = float(np.sqrt(((responders - rate * evaluable) ** 2).mean()))
    some = evaluable > 0
    rates = responders[some] / evaluable[some]
    lower, upper = np.quantile(rates, [(1 - level) / 2, (1 + level) / 2])
    return ExpectedRate(
        rate,
        spread / float(evaluable.mean()) / float(np.sqrt(n_trials)),
        float(evaluable.mean()) / n_patients,
        float(lower),
        float(upper),
        level,
        None if observed is None else float((rates >= observed * (1 - 1e-12)).mean()),
        n_patients,
        n_trials,
    )
