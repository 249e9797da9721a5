"""The part of the area under a ROC curve that lies where specificity, or sensitivity, is high."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from analysis.along_curve import (
    Cumulative,
    area_between,
    cumulative,
    curve_of,
    mirrored,
)
from analysis.auc_limits import Limits, limits_at_boundary
from analysis.checks import Vector, check_two_of_each, checked_level
from analysis.errors import OutOfRangeError, UnknownChoiceError
from analysis.estimate import Estimate
from analysis.resampled_counts import resampled_counts
from analysis.resampled_limits import percentile_limits
from analysis.roc import Direction, area_of, checked_counts
from analysis.thresholds import ThresholdCounts

Focus = Literal["specificity", "sensitivity"]

_ROUNDING = 1e-12  # of areas that are sums over a million patients


@dataclass(frozen=True, slots=True)
class PartialRange:
    """The range of specificity or of sensitivity over which an area is taken.

    Parameters
    ----------
    focus : Focus
        ``specificity``: the area under sensitivity over this range of specificity; ``sensitivity``:
        the area under specificity over this range of sensitivity.
    low, high : float
        From 0 to 1, low below high; (0, 1) is the whole area.

    Raises
    ------
    UnknownChoiceError
        Another focus.
    OutOfRangeError
        A range that is empty or leaves 0 to 1.

    Examples
    --------
    >>> round(PartialRange("specificity", 0.9, 1.0).width, 3)
    0.1
    """

    focus: Focus
    low: float
    high: float

    def __post_init__(self) -> None:
        """Refuse an unknown focus and an empty range."""
        if self.focus not in get_args(Focus):
            raise UnknownChoiceError("focus", get_args(Focus))
        if not 0.0 <= self.low < self.high <= 1.0:
            raise OutOfRangeError("low and high", "between 0 and 1, low below high")

    @property
    def width(self) -> float:
        """Largest possible area: that of a curve through (0, 1)."""
        return self.high - self.low

    def corrected(self, area: float) -> float:
        """Rescale an area so that no discrimination is one half and perfect is 1.

        Parameters
        ----------
        area : float
            From 0 to `width`.

        Returns
        -------
        float
            Below one half where the curve is below the diagonal; pROC returns NA there.

        Notes
        -----
        Source: McClish 1989, Med Decis Making 9:190.

        Examples
        --------
        >>> round(PartialRange("specificity", 0.9, 1.0).corrected(0.005), 12)
        0.5
        """
        by_chance = (2 - self.low - self.high) * self.width / 2
        return (1 + (area - by_chance) / (self.width - by_chance)) / 2


def partial_auc(
    scores: ArrayLike, is_case: ArrayLike, over: PartialRange, *, direction: Direction
) -> float:
    """Area under the curve over a range, not corrected.

    Parameters
    ----------
    scores : array_like, shape (n_patients,)
        In their own units.
    is_case : array_like, shape (n_patients,)
        True for a case.
    over : PartialRange
        Range and focus; ``over.corrected(area)`` is McClish's.
    direction : Direction
        Which end of the score speaks for a case; never guessed.

    Returns
    -------
    float
        From 0 to ``over.width``.

    Raises
    ------
    OneClassError
        No case or no control.
    AnalysisError
        Lengths differ, a score is not finite, the direction is unknown.

    Notes
    -----
    As pROC's ``auc(partial.auc=c(high, low), partial.auc.focus=focus)``: straight between points.

    Examples
    --------
    >>> over = PartialRange("specificity", 0.5, 1.0)
    >>> partial_auc([1, 2, 3, 4], [0, 1, 0, 1], over, direction="higher_is_case")
    0.25
    """
    counts = checked_counts(scores, is_case, direction)
    return float(_areas(*curve_of(counts), over)[0])


def partial_auc_interval(
    scores: ArrayLike,
    is_case: ArrayLike,
    over: PartialRange,
    *,
    direction: Direction,
    corrected: bool = False,
    rng: np.random.Generator | None = None,
    n_resamples: int = 2000,
    indices: ArrayLike | None = None,
    level: float = 0.95,
) -> Estimate:
    """Estimate a partial AUC, with the percentile interval of resamples.

    Parameters
    ----------
    scores, is_case, over, direction
        As `partial_auc`.
    corrected : bool
        McClish's correction, of the estimate and of both limits.
    rng, n_resamples, indices, level
        As `analysis.bootstrap_auc.bootstrap_auc_interval`.

    Returns
    -------
    Estimate
        ``bootstrap_percentile``. Where the whole AUC is 0 or 1, ``exact_at_boundary``: what is
        missing here is missing from the whole area, whose exact limit is known. Where resamples
        agree for another reason, ``no_spread_between_resamples``: from nothing to everything.

    Raises
    ------
    TooFewError
        Fewer than two cases or controls (not at an AUC of 0 or 1), or no resample.
    AnalysisError
        As `partial_auc` and `bootstrap_auc_interval`.

    Notes
    -----
    Source: percentiles as pROC's ``ci.auc``; the exceptions are our choice.

    Examples
    --------
    >>> found = partial_auc_interval(
    ...     [1, 2, 3, 4, 5, 6],
    ...     [0, 1, 0, 1, 0, 1],
    ...     PartialRange("specificity", 0.5, 1.0),
    ...     direction="higher_is_case",
    ...     rng=np.random.default_rng(1),
    ... )
    >>> print(found)
    0.22 (95% CI 0.00-0.50, bootstrap_percentile, 3 v 3)
    """
    checked_level(level)
    counts, resamples = resampled_counts(
        scores, is_case, direction=direction, rng=rng, n_resamples=n_resamples, indices=indices
    )
    n_cases, n_controls = counts.n_cases, counts.n_controls
    whole = area_of(counts)
    area = float(_areas(*curve_of(counts), over)[0])
    if whole in (0.0, 1.0):
        used, limits = "exact_at_boundary", _at_boundary(counts, over, level)
    else:
        check_two_of_each(n_cases, n_controls)
        parts = [_areas(*cumulative(resampled), over) for resampled in resamples]
        used, limits = _from_replicates(np.concatenate(parts), over, level)
    low, high = limits
    if corrected:
        area, low, high = map(over.corrected, (area, low, high))
    return Estimate(area, low, high, level, used, n_cases, n_controls)


def _areas(false_positives: Cumulative, true_positives: Cumulative, over: PartialRange) -> Vector:
    across, up = false_positives, true_positives
    if over.focus == "sensitivity":
        across, up = mirrored(across, up)
    areas = area_between(across, up, 1 - over.high, 1 - over.low)
    return np.clip(areas, 0.0, over.width)


def _at_boundary(counts: ThresholdCounts, over: PartialRange, level: float) -> Limits:
    whole, n_pairs = area_of(counts), min(counts.n_cases, counts.n_controls)
    lower, upper = limits_at_boundary(whole, n_pairs, level=level)
    if whole == 1.0:
        return max(over.width - (1 - lower), 0.0), over.width
    return 0.0, min(upper, over.width)


def _from_replicates(replicates: Vector, over: PartialRange, level: float) -> tuple[str, Limits]:
    if np.ptp(replicates) <= _ROUNDING:
        return "no_spread_between_resamples", (0.0, over.width)
    return "bootstrap_percentile", percentile_limits(replicates, level=level)
