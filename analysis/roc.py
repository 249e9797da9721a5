"""ROC curves and the area under them.

The direction is always said by the caller and never flipped to make an area look better.
"""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from analysis.checks import Vector, checked_scores, class_sizes
from analysis.errors import LengthsDifferError, OutOfRangeError, UnknownChoiceError
from analysis.thresholds import ThresholdCounts, counted

Direction = Literal["higher_is_case", "lower_is_case"]


@dataclass(frozen=True, slots=True, eq=False)
class RocCurve:
    """A ROC curve from (0, 0) to (1, 1), as read-only arrays.

    Parameters
    ----------
    direction : Direction
        Which end of the score speaks for a case.
    thresholds : Vector, shape (n_points,)
        In the score's own units. ``higher_is_case``: a case is ``score >= threshold``, the first
        is ``inf`` and they do not increase. ``lower_is_case``: a case is ``score <= threshold``,
        the first is ``-inf`` and they do not decrease. All but the first are finite.
    sensitivity : Vector, shape (n_points,)
        Proportion of cases called a case; from 0 to 1, never falling.
    specificity : Vector, shape (n_points,)
        Proportion of controls not called a case; from 1 to 0, never rising.
    n_cases, n_controls : int
        Patients the curve rests on.

    Raises
    ------
    LengthsDifferError
        The three arrays differ in length.
    OutOfRangeError
        The points are not a curve as described.
    """

    direction: Direction
    thresholds: Vector
    sensitivity: Vector
    specificity: Vector
    n_cases: int
    n_controls: int

    def __post_init__(self) -> None:
        """Refuse points that are not a ROC curve, and make them read-only."""
        lengths = {
            "thresholds": self.thresholds.size,
            "sensitivity": self.sensitivity.size,
            "specificity": self.specificity.size,
        }
        if len(set(lengths.values())) > 1:
            raise LengthsDifferError(lengths)
        descending = oriented(self.thresholds, self.direction)
        if descending[0] != np.inf or not np.isfinite(descending[1:]).all():
            raise OutOfRangeError("thresholds", "infinite at the first point and finite after it")
        if (np.diff(descending[1:]) > 0).any():
            raise OutOfRangeError("thresholds", "ordered from few to many called a case")
        for name, proportion in (
            ("sensitivity", self.sensitivity),
            ("1 - specificity", 1.0 - self.specificity),
        ):
            rises = not (np.diff(proportion) < 0).any()
            if not rises or proportion[0] != 0.0 or proportion[-1] != 1.0:
                raise OutOfRangeError(name, "rising from 0 to 1")
        for array in (self.thresholds, self.sensitivity, self.specificity):
            array.setflags(write=False)

    @property
    def auc(self) -> float:
        """Area under the curve by trapezoids; a tie counts half."""
        return float(np.trapezoid(self.sensitivity, 1.0 - self.specificity))

    def points(self) -> list[dict[str, float | None]]:
        """Return the curve as it is served.

        Returns
        -------
        list of dict
            ``threshold`` (None where infinite), ``sensitivity``, ``specificity``.

        Examples
        --------
        >>> roc_curve([1, 2], [0, 1], direction="higher_is_case").points()[0]
        {'threshold': None, 'sensitivity': 0.0, 'specificity': 1.0}
        """
        return [
            {
                "threshold": threshold if np.isfinite(threshold) else None,
                "sensitivity": sensitivity,
                "specificity": specificity,
            }
            for threshold, sensitivity, specificity in zip(
                self.thresholds.tolist(),
                self.sensitivity.tolist(),
                self.specificity.tolist(),
                strict=True,
            )
        ]


def oriented(scores: Vector, direction: Direction) -> Vector:
    """Return scores of which a high one speaks for a case.

    Parameters
    ----------
    scores : Vector, any shape
        In their own units.
    direction : Direction
        ``lower_is_case`` changes the sign; applied twice it gives the scores back.

    Returns
    -------
    Vector, same shape

    Raises
    ------
    UnknownChoiceError
        Another direction.

    Examples
    --------
    >>> oriented(np.array([1.0, -2.0]), "lower_is_case").tolist()
    [-1.0, 2.0]
    """
    if direction not in get_args(Direction):
        raise UnknownChoiceError("direction", get_args(Direction))
    return scores if direction == "higher_is_case" else -scores


def roc_curve(scores: ArrayLike, is_case: ArrayLike, *, direction: Direction) -> RocCurve:
    """Trace sensitivity and specificity over every distinct score.

    Parameters
    ----------
    scores : array_like, shape (n_patients,)
        In their own units.
    is_case : array_like, shape (n_patients,)
        True for a case.
    direction : Direction
        Which end of the score speaks for a case; never guessed.

    Returns
    -------
    RocCurve
        One point for each distinct score, after the infinite threshold.

    Raises
    ------
    OneClassError
        No case or no control.
    AnalysisError
        Lengths differ, a score is not finite, the direction is unknown.

    Examples
    --------
    >>> curve = roc_curve([5, 7, 9], [True, True, False], direction="lower_is_case")
    >>> curve.thresholds.tolist(), curve.sensitivity.tolist()
    ([-inf, 5.0, 7.0, 9.0], [0.0, 0.5, 1.0, 1.0])
    """
    counts = checked_counts(scores, is_case, direction)
    n_cases, n_controls = counts.n_cases, counts.n_controls
    return RocCurve(
        direction=direction,
        thresholds=oriented(counts.thresholds, direction),
        sensitivity=counts.true_positives / n_cases,
        specificity=(n_controls - counts.false_positives) / n_controls,
        n_cases=n_cases,
        n_controls=n_controls,
    )


def auc(scores: ArrayLike, is_case: ArrayLike, *, direction: Direction) -> float:
    """Probability that a case's score speaks more for a case than a control's does.

    Parameters
    ----------
    scores : array_like, shape (n_patients,)
        In their own units.
    is_case : array_like, shape (n_patients,)
        True for a case.
    direction : Direction
        Which end of the score speaks for a case; never guessed.

    Returns
    -------
    float
        From 0 to 1; ties count half. Counted in whole numbers, divided once: O(n log n), exact.

    Raises
    ------
    OneClassError
        No case or no control.
    AnalysisError
        Lengths differ, a score is not finite, the direction is unknown.

    Examples
    --------
    >>> auc([1, 2, 2, 3], [0, 0, 1, 1], direction="higher_is_case")
    0.875
    """
    return area_of(checked_counts(scores, is_case, direction))


def checked_counts(scores: ArrayLike, is_case: ArrayLike, direction: Direction) -> ThresholdCounts:
    """Check and orient scores, see that both classes are there, and count at each threshold.

    Parameters
    ----------
    scores : array_like, shape (n_patients,)
        In their own units.
    is_case : array_like, shape (n_patients,)
        True for a case.
    direction : Direction
        Which end of the score speaks for a case; never guessed.

    Returns
    -------
    ThresholdCounts
        Of the oriented scores: where ``lower_is_case`` the thresholds have the other sign.

    Raises
    ------
    OneClassError
        No case or no control.
    AnalysisError
        Lengths differ, a score is not finite, the direction is unknown.

    Examples
    --------
    >>> checked_counts([5, 7], [1, 0], "lower_is_case").thresholds.tolist()
    [inf, -5.0, -7.0]
    """
    vector, mask = checked_scores(scores, is_case)
    class_sizes(mask)
    return counted(oriented(vector, direction), mask)


def area_of(counts: ThresholdCounts) -> float:
    """Area under the curve of counts with both classes.

    Parameters
    ----------
    counts : ThresholdCounts
        At least one case and one control.

    Returns
    -------
    float
        From 0 to 1; ties count half.

    Examples
    --------
    >>> area_of(checked_counts([1, 2, 2, 3], [0, 0, 1, 1], "higher_is_case"))
    0.875
    """
    above, below = counts.true_positives[:-1], counts.true_positives[1:]
    controls = counts.false_positives[1:] - counts.false_positives[:-1]
    twice_the_wins = int((controls * (above + below)).sum())
    return twice_the_wins / (2 * counts.n_cases * counts.n_controls)
