"""Thresholds moved off the scores they were found at, to the roundest numbers in between.

A curve classifies the same for any threshold between two neighbouring scores. The scores are
patients' values; a curve that is published must not print them.
"""

import math
from dataclasses import replace

import numpy as np

from analysis.roc import RocCurve


def round_thresholds(curve: RocCurve) -> RocCurve:
    """Return the curve with every finite threshold strictly between two neighbouring scores.

    Sensitivities and specificities are unchanged. The last threshold, which calls everybody a
    case, moves beyond the last score by up to the spread of the scores.

    Parameters
    ----------
    curve : RocCurve
        As `roc_curve` makes it: one finite threshold per distinct score.

    Returns
    -------
    RocCurve

    Examples
    --------
    >>> from analysis.roc import roc_curve
    >>> curve = roc_curve([487.3, 512.9, 640.1], [False, True, True], direction="higher_is_case")
    >>> round_thresholds(curve).thresholds.tolist()
    [inf, 600.0, 500.0, 400.0]
    """
    if len(curve.thresholds) < 2:
        return curve
    scores = curve.thresholds[1:]
    spread = abs(float(scores[0] - scores[-1])) or max(abs(float(scores[-1])), 1.0)
    beyond = scores[-1] - math.copysign(spread, curve.thresholds[0])
    following = np.append(scores[1:], beyond)
    moved = [
        _roundest_between(float(score), float(after))
        for score, after in zip(scores, following, strict=True)
    ]
    return replace(curve, thresholds=np.array([curve.thresholds[0], *moved]))


_MOST_DIGITS = 18
"""Digits after which two float64 numbers have no other between them."""
_LARGEST_EXPONENT = 300
"""Powers of ten up to here, and their inverses, are float64 numbers."""


def _roundest_between(score: float, following: float) -> float:
    """Return the number with the fewest digits strictly between two; `score` if there is none."""
    lower, upper = sorted((score, following))
    largest = math.floor(math.log10(upper - lower)) + 1
    smallest = max(largest - _MOST_DIGITS, -_LARGEST_EXPONENT)
    for exponent in range(min(largest, _LARGEST_EXPONENT), smallest, -1):
        unit = 10.0 ** abs(exponent)
        steps = upper / unit if exponent >= 0 else upper * unit
        whole = math.ceil(steps) - 1
        candidate = whole * unit if exponent >= 0 else whole / unit
        if lower < candidate < upper:
            return candidate
    return score
