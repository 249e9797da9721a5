"""How far probabilities are from a smooth of the outcomes: ICI, E50, E90, Emax."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from analysis.checks import Vector, checked_probabilities, class_sizes
from analysis.errors import UnknownChoiceError
from analysis.smoothing import loess, lowess

SHOWN_FROM = 100
"""Patients from which these distances are shown (our choice): with fewer the smooth is mostly
noise, all four are above zero for a perfect model too, and slope and intercept are what is judged.
"""

Smoother = Literal["lowess", "loess"]


@dataclass(frozen=True, slots=True, eq=False)
class SmoothCalibration:
    """Distances of each patient's probability from the smoothed outcome at that probability.

    Parameters
    ----------
    ici, e50, e90, emax : float
        Their mean (integrated calibration index), median, 90th percentile and maximum.
    smoothed : Vector, shape (n_patients,)
        The smooth at each patient's probability, in the order received; it may leave 0 to 1.
    smoother : Smoother
        How it was made.
    n_cases, n_controls : int
        Patients.
    """

    ici: float
    e50: float
    e90: float
    emax: float
    smoothed: Vector
    smoother: Smoother
    n_cases: int
    n_controls: int

    @property
    def shown(self) -> bool:
        """Whether there are enough patients to show these numbers (`SHOWN_FROM`)."""
        return self.n_cases + self.n_controls >= SHOWN_FROM


def smooth_calibration(
    probabilities: ArrayLike, is_case: ArrayLike, *, smoother: Smoother = "lowess"
) -> SmoothCalibration:
    """Compare probabilities with a smooth of the outcomes.

    Parameters
    ----------
    probabilities : array_like, shape (n_patients,)
        Probability of being a case, from 0 to 1.
    is_case : array_like, shape (n_patients,)
        True for a case.
    smoother : Smoother
        ``lowess`` (local lines over two thirds of the patients, as R's ``rms::val.prob``) or
        ``loess`` (local parabolas over three quarters, as Austin and Steyerberg).

    Returns
    -------
    SmoothCalibration
        All distances are above zero for a perfect model too, by the noise of the smooth.

    Raises
    ------
    NoSpreadError
        Too many patients share a probability for ``loess``.
    TooFewError
        Fewer than four patients with ``loess``.
    AnalysisError
        As `checked_probabilities`; an unknown smoother.

    Notes
    -----
    Source: Austin and Steyerberg 2019, Stat Med 38:4051; Harrell 2015, Regression Modeling
    Strategies, section 10.11 (Eavg is the ICI). Quantiles of type 7.

    Examples
    --------
    >>> found = smooth_calibration([0.1, 0.3, 0.4, 0.6, 0.9], [0, 0, 1, 0, 1])
    >>> round(found.ici, 3), round(found.emax, 3), found.shown
    (0.34, 0.6, False)
    """
    if smoother not in get_args(Smoother):
        raise UnknownChoiceError("smoother", get_args(Smoother))
    vector, mask = checked_probabilities(probabilities, is_case)
    n_cases, n_controls = class_sizes(mask)
    smoothed = (lowess if smoother == "lowess" else loess)(vector, mask)
    distance = np.abs(vector - smoothed)
    e50, e90, emax = np.quantile(distance, [0.5, 0.9, 1.0]).tolist()
    return SmoothCalibration(
        float(distance.mean()), e50, e90, emax, smoothed, smoother, n_cases, n_controls
    )
