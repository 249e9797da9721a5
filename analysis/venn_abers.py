"""Venn-Abers: from scores to two probabilities, one of which is calibrated without assumptions.

The two are the isotonic regressions of held-out patients with the new patient added, once as a
control and once as a case; their distance says how little the held-out patients settle.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.checks import Vector, checked_scores, checked_vector
from analysis.errors import TooFewError

_Corner = tuple[int, int]
_Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class VennAbers:
    """The two probabilities of each new patient, and the one to report.

    Parameters
    ----------
    as_control, as_case : Vector, shape (n_new,)
        The isotonic regression at the new score, had the patient been a control (p0, the lower
        one) or a case (p1).
    """

    as_control: Vector
    as_case: Vector

    @property
    def probability(self) -> Vector:
        """One probability between the two: ``p1 / (1 - p0 + p1)``, minimax for log-loss."""
        return self.as_case / (1 - self.as_control + self.as_case)


def venn_abers(
    held_out_scores: ArrayLike, held_out_is_case: ArrayLike, scores: ArrayLike
) -> VennAbers:
    """Calibrate scores by patients that the model has not seen.

    Parameters
    ----------
    held_out_scores : array_like, shape (n_held_out,)
        Any real numbers; a high score speaks for a case (negate it if it does not). The patients
        must not have been used to fit the model.
    held_out_is_case : array_like, shape (n_held_out,)
        True for a case. One class alone is allowed: the probabilities then are 0 to 1 / (n + 1)
        below it, and so on.
    scores : array_like, shape (n_new,)
        Scores of new patients, in the same unit.

    Returns
    -------
    VennAbers

    Raises
    ------
    TooFewError
        No held-out patient.
    AnalysisError
        Lengths differ, or a score is not finite.

    Notes
    -----
    Source: Vovk, Petej and Fedorova 2015, Adv Neural Inf Process Syst 28:892; the corners of the
    cumulative diagram are whole numbers, so nothing is rounded before the last division.
    O(n log n) for all new scores together.

    Examples
    --------
    >>> found = venn_abers([1, 2, 3, 4], [0, 0, 1, 1], [0.5, 2.5, 4])
    >>> found.as_control.round(3).tolist(), found.as_case.round(3).tolist()
    ([0.0, 0.0, 0.667], [0.333, 1.0, 1.0])
    >>> found.probability.round(3).tolist()
    [0.25, 0.5, 0.75]
    """
    held_out, mask = checked_scores(held_out_scores, held_out_is_case, name="held_out_scores")
    new = checked_vector("scores", scores)
    if held_out.size == 0:
        raise TooFewError("held-out patients", 0, 1)
    distinct, member, sizes = np.unique(held_out, return_inverse=True, return_counts=True)
    cases = np.bincount(member[mask], minlength=distinct.size).astype(np.int64)
    # A control among cases is a case among controls, seen from the other end.
    as_control = 1 - _with_a_case_at_each(sizes[::-1], (sizes - cases)[::-1])[::-1]
    as_case = _with_a_case_at_each(sizes, cases)
    # Between two held-out scores an added case is pooled upwards, an added control downwards.
    return VennAbers(
        as_control=np.append(0.0, as_control)[np.searchsorted(distinct, new, side="right")],
        as_case=np.append(as_case, 1.0)[np.searchsorted(distinct, new, side="left")],
    )


def _with_a_case_at_each(sizes: _Counts, cases: _Counts) -> Vector:
    """Return the isotonic regression at each distinct score when a case is added there."""
    corners = list(zip(np.cumsum(sizes).tolist(), np.cumsum(cases).tolist(), strict=True))
    hull: list[_Corner] = []  # lower hull, its leftmost corner last
    for corner in [*reversed(corners), (-1, -1)]:
        _add_on_the_left(hull, corner)
    values = []
    for right, up in corners:
        left_end, right_end = hull[-1], hull[-2]
        values.append((right_end[1] - left_end[1]) / (right_end[0] - left_end[0]))
        # The added case now comes after this score: from the left, all corners are one back.
        moved = (right - 1, up - 1)
        if _turn(left_end, right_end, moved) < 0:
            hull.pop()
            _add_on_the_left(hull, moved)
    return np.array(values)


def _add_on_the_left(hull: list[_Corner], corner: _Corner) -> None:
    while len(hull) > 1 and _turn(corner, hull[-1], hull[-2]) <= 0:
        hull.pop()
    hull.append(corner)


def _turn(a: _Corner, b: _Corner, c: _Corner) -> int:
    """Above 0 if `c` lies above the line from `a` to `b`."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
