"""Performance corrected for optimism by the bootstrap: Harrell's, .632 and .632+.

Secondary to cross-validation here, and never the better of the two.
"""

from dataclasses import dataclass

import numpy as np

from analysis.checks import Vector
from analysis.errors import UnknownChoiceError
from analysis.resampled_performance import MEASURES, ResampledPerformance

OUT_OF_BAG_SHARE = 0.632  # 1 - 1/e, of a large sample's patients in a resample (Efron 1983)


@dataclass(frozen=True, slots=True)
class Corrected:
    """A measure of performance before and after correction.

    Parameters
    ----------
    apparent : float or None
        Of the fit to all patients, on the same patients.
    optimism : float or None
        Mean, over resamples, of a refit's measure on its own resample less that on all patients.
    corrected : float or None
        ``apparent - optimism``.
    n_resamples : int
        Resamples in which both measures are defined.
    """

    apparent: float | None
    optimism: float | None
    corrected: float | None
    n_resamples: int


@dataclass(frozen=True, slots=True)
class Point632:
    """An apparent and an out-of-bag measure, weighed.

    Parameters
    ----------
    apparent, out_of_bag : float or None
        Of the fit to all patients on the same patients; mean over resamples of the refits on the
        patients they have not seen.
    point632 : float or None
        ``.368 apparent + .632 out_of_bag``; still too good for procedures that overfit.
    point632_plus : float or None
        With a weight that grows to 1 as the procedure fits noise.
    n_resamples : int
        Resamples with an out-of-bag measure.
    """

    apparent: float | None
    out_of_bag: float | None
    point632: float | None
    point632_plus: float | None
    n_resamples: int


def correct_optimism(performance: ResampledPerformance) -> dict[str, Corrected]:
    """Correct AUC, Brier score, calibration slope and intercept.

    Parameters
    ----------
    performance : ResampledPerformance
        From `resampled_performance`; its `failures` belong beside every number here.

    Returns
    -------
    dict of str to Corrected
        By `MEASURES`. None where a measure is undefined for the fit to all patients, or in every
        resample: a procedure that separates its own patients has no apparent slope.

    Notes
    -----
    Source: Harrell, Lee and Mark 1996, Stat Med 15:361.

    Examples
    --------
    >>> from analysis.resampled_performance import resampled_performance
    >>> is_case = np.array([False, False, True, True])
    >>> found = resampled_performance(
    ...     lambda train, test: np.full(test.size, is_case[train].mean()), is_case, [[0, 1, 1, 2]]
    ... )
    >>> correct_optimism(found)["brier"]
    Corrected(apparent=0.25, optimism=-0.125, corrected=0.375, n_resamples=1)
    """
    gain = performance.in_resample - performance.on_all
    found = {}
    for number, measure in enumerate(MEASURES):
        apparent, optimism = _defined(performance.apparent[number]), _mean(gain[:, number])
        corrected = None if apparent is None or optimism is None else apparent - optimism
        n_resamples = int(np.count_nonzero(np.isfinite(gain[:, number])))
        found[measure] = Corrected(apparent, optimism, corrected, n_resamples)
    return found


def weigh_out_of_bag(performance: ResampledPerformance, measure: str) -> Point632:
    """Return the .632 and .632+ estimates of the AUC or the Brier score.

    Parameters
    ----------
    performance : ResampledPerformance
        From `resampled_performance`.
    measure : str
        ``auc`` or ``brier``.

    Returns
    -------
    Point632
        All but `apparent` are None if no resample leaves out what the measure needs.

    Raises
    ------
    UnknownChoiceError
        Another measure.

    Notes
    -----
    Source: Efron 1983, J Am Stat Assoc 78:316 (.632); Efron and Tibshirani 1997, J Am Stat Assoc
    92:548, eq. 28-32 (.632+). Here the out-of-bag measure is a mean over resamples, not over
    patients, as an AUC has no patient's part. Without information an AUC is one half, and the
    Brier score that of the apparent probabilities against everybody's outcome.

    Examples
    --------
    >>> from analysis.resampled_performance import resampled_performance
    >>> is_case = np.array([False, False, True, True])
    >>> found = resampled_performance(
    ...     lambda train, test: np.full(test.size, is_case[train].mean()), is_case, [[0, 2, 2, 2]]
    ... )
    >>> weigh_out_of_bag(found, "auc").point632_plus
    0.5
    """
    if measure not in ("auc", "brier"):
        raise UnknownChoiceError("measure", ("auc", "brier"))
    column = MEASURES.index(measure)
    apparent = float(performance.apparent[column])
    values = performance.out_of_bag[:, column]
    out_of_bag = _mean(values)
    n_resamples = int(np.count_nonzero(np.isfinite(values)))
    if out_of_bag is None:
        return Point632(apparent, None, None, None, 0)
    plain = (1 - OUT_OF_BAG_SHARE) * apparent + OUT_OF_BAG_SHARE * out_of_bag
    if measure == "auc":
        plus = 1 - _point632_plus(1 - apparent, 1 - out_of_bag, 0.5)
    else:
        plus = _point632_plus(apparent, out_of_bag, performance.no_information_brier)
    return Point632(apparent, out_of_bag, plain, plus, n_resamples)


def _point632_plus(apparent: float, out_of_bag: float, no_information: float) -> float:
    """Weigh two errors by how far overfitting has gone from none to all there is."""
    bounded = min(out_of_bag, no_information)
    overfitting = 0.0
    if bounded > apparent:
        overfitting = (bounded - apparent) / (no_information - apparent)
    # The out-of-bag error is bounded in what is added, not in the plain .632 (eq. 32).
    plain = (1 - OUT_OF_BAG_SHARE) * apparent + OUT_OF_BAG_SHARE * out_of_bag
    share = OUT_OF_BAG_SHARE * (1 - OUT_OF_BAG_SHARE) * overfitting
    return plain + (bounded - apparent) * share / (1 - (1 - OUT_OF_BAG_SHARE) * overfitting)


def _mean(values: Vector) -> float | None:
    defined = values[np.isfinite(values)]
    return float(defined.mean()) if defined.size else None


def _defined(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
