"""A band of sensitivity over all specificities around one ROC curve, from resamples."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.along_curve import cumulative, curve_of, height_at
from analysis.checks import Vector, check_two_of_each, checked_level, checked_vector
from analysis.errors import OutOfRangeError, UnknownChoiceError
from analysis.fixed_rate import rate_limits_without_spread
from analysis.resampled_counts import resampled_counts
from analysis.roc import Direction

BandKind = Literal["pointwise", "simultaneous"]


@dataclass(frozen=True, slots=True, eq=False)
class RocBand:
    """Sensitivity of one curve over a grid of specificities, with two limits at each.

    Parameters
    ----------
    specificity : Vector, shape (n_points,)
        The grid, ascending.
    sensitivity, lower, upper : Vector, shape (n_points,)
        Along the curve, and its limits; none of them rises. As percentiles of resamples the
        limits need not contain the curve.
    kind : BandKind
        Whether the level holds at each point alone or for all of them together.
    level : float
        Confidence level.
    n_cases, n_controls : int
        Patients the curve rests on.
    """

    specificity: Vector
    sensitivity: Vector
    lower: Vector
    upper: Vector
    kind: BandKind
    level: float
    n_cases: int
    n_controls: int

    def __post_init__(self) -> None:
        """Make the arrays read-only."""
        for array in (self.specificity, self.sensitivity, self.lower, self.upper):
            array.setflags(write=False)


def roc_band(
    scores: ArrayLike,
    is_case: ArrayLike,
    *,
    direction: Direction,
    specificity: ArrayLike | None = None,
    kind: BandKind = "pointwise",
    rng: np.random.Generator | None = None,
    n_resamples: int = 2000,
    indices: ArrayLike | None = None,
    level: float = 0.95,
) -> RocBand:
    """Lay a band around a ROC curve.

    Parameters
    ----------
    scores, is_case, direction
        As `analysis.roc.roc_curve`.
    specificity : array_like, shape (n_points,), optional
        From 0 to 1, ascending; default 0, .01, ..., 1.
    kind : BandKind
        ``pointwise``: percentiles at each specificity, as pROC's ``ci.se``. ``simultaneous``: the
        narrowest band between two order statistics that are the same at all points, inside of
        which the share `level` of the resampled curves lies at every point of the grid.
    rng, n_resamples, indices, level
        As `analysis.bootstrap_auc.bootstrap_auc_interval`.

    Returns
    -------
    RocBand
        Where the limits meet, others stand in as in `analysis.fixed_rate`, unless a neighbour's
        are closer: a curve does not fall.

    Raises
    ------
    TooFewError
        Fewer than two cases or controls, or no resample.
    OutOfRangeError
        A grid that is empty, not ascending or not within 0 and 1.
    AnalysisError
        As `resampled_counts`; an unknown kind; a level out of range.

    Notes
    -----
    Source of the simultaneous band: envelopes, Davison and Hinkley 1997, Bootstrap Methods and
    their Application, section 4.2.4.

    Examples
    --------
    >>> band = roc_band(
    ...     [1, 2, 3, 4, 5, 6],
    ...     [0, 1, 0, 1, 0, 1],
    ...     direction="higher_is_case",
    ...     specificity=[0.0, 0.5, 1.0],
    ...     rng=np.random.default_rng(1),
    ... )
    >>> band.sensitivity.round(3).tolist(), band.lower.round(3).tolist()
    ([1.0, 0.667, 0.333], [1.0, 0.0, 0.0])
    """
    if kind not in get_args(BandKind):
        raise UnknownChoiceError("kind", get_args(BandKind))
    checked_level(level)
    grid = _checked_grid(np.linspace(0, 1, 101) if specificity is None else specificity).copy()
    counts, resamples = resampled_counts(
        scores, is_case, direction=direction, rng=rng, n_resamples=n_resamples, indices=indices
    )
    check_two_of_each(counts.n_cases, counts.n_controls)
    heights = np.concatenate([height_at(*cumulative(drawn), 1 - grid) for drawn in resamples])
    limits = _pointwise if kind == "pointwise" else _simultaneous
    lower, upper = limits(heights, level)
    for point in np.flatnonzero(upper == lower):
        _, (lower[point], upper[point]) = rate_limits_without_spread(
            lower[point], grid[point], counts.n_cases, level=level
        )
    return RocBand(
        specificity=grid,
        sensitivity=height_at(*curve_of(counts), 1 - grid)[0],
        lower=np.maximum.accumulate(lower[::-1])[::-1],
        upper=np.minimum.accumulate(upper),
        kind=kind,
        level=float(level),
        n_cases=counts.n_cases,
        n_controls=counts.n_controls,
    )


def _checked_grid(specificity: ArrayLike) -> Vector:
    grid = checked_vector("specificity", specificity)
    if grid.size == 0 or grid[0] < 0 or grid[-1] > 1 or (np.diff(grid) <= 0).any():
        raise OutOfRangeError("specificity", "ascending from 0 or above to 1 or below")
    return grid


def _pointwise(heights: NDArray[np.float64], level: float) -> tuple[Vector, Vector]:
    tail = (1 - level) / 2
    lower, upper = np.quantile(heights, [tail, 1 - tail], axis=0)
    return lower, upper


def _simultaneous(heights: NDArray[np.float64], level: float) -> tuple[Vector, Vector]:
    n_resamples = heights.shape[0]
    ordered = np.sort(heights, axis=0)
    depth = np.full(n_resamples, n_resamples)
    for column, values in zip(heights.T, ordered.T, strict=True):
        at_most = np.searchsorted(values, column, side="right")
        at_least = n_resamples - np.searchsorted(values, column, side="left")
        depth = np.minimum(depth, np.minimum(at_most, at_least))
    # Curves of at least this depth stay inside; at most 1 - level of them have less.
    n_outside = int((1 - level) * n_resamples)
    kept = int(np.sort(depth)[n_outside])
    return ordered[kept - 1], ordered[n_resamples - kept]
