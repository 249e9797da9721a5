"""A procedure refitted on each bootstrap resample, and how well each refit predicts.

What is made of these numbers (`analysis.optimism`) lives elsewhere. Resamples that cannot be
fitted or judged are counted by reason; they do not stop the rest.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from analysis.calibration import brier_score, recalibrate
from analysis.checks import Mask, Vector, checked_classes, checked_probabilities, class_sizes
from analysis.errors import AnalysisError, LengthsDifferError, NoSpreadError
from analysis.resampling import Indices, checked_indices
from analysis.roc import auc

MEASURES = ("auc", "brier", "slope", "intercept")
"""Columns of every table here; slope and intercept are those of one recalibration model."""

FitPredict = Callable[[Indices, Indices], ArrayLike]
"""``fit_predict(rows_train, rows_test)`` gives the probability of each test row, by a model fitted
to the training rows. A row may be in `rows_train` several times: it is then one patient with that
weight, and a procedure that cross-validates inside MUST keep all copies in one inner fold, or the
inner loop trains on the patients that it is judged by. What cannot be fitted is said by raising an
`AnalysisError` (`NotConvergedError`, `SeparatedError`)."""


@dataclass(frozen=True, slots=True, eq=False)
class ResampledPerformance:
    """Performance of the procedure on all patients and of its refits.

    Parameters
    ----------
    apparent : Vector, shape (4,)
        `MEASURES` of the fit to all patients, on the same patients.
    in_resample, on_all, out_of_bag : Vector, shape (n_resamples, 4)
        `MEASURES` of each refit on its own resample, on all patients, and on the patients that
        are not in the resample (of those AUC and Brier score only). NaN where undefined.
    no_information_brier : float
        Brier score of the fit to all patients if its probabilities were dealt out at random.
    failures : Mapping[str, int]
        Resamples by reason, as ``fit: not_converged`` or ``slope on_all: separated``; under
        ``slope apparent`` the fit to all patients.
    n_cases, n_controls : int
        Patients.
    """

    apparent: Vector
    in_resample: Vector
    on_all: Vector
    out_of_bag: Vector
    no_information_brier: float
    failures: Mapping[str, int]
    n_cases: int
    n_controls: int


def resampled_performance(
    fit_predict: FitPredict, is_case: ArrayLike, indices: ArrayLike
) -> ResampledPerformance:
    """Fit to all patients and to each resample, and judge every fit.

    Parameters
    ----------
    fit_predict : FitPredict
        The whole procedure, everything fitted inside. It is called once for each resample, with
        all patients as test rows.
    is_case : array_like, shape (n_patients,)
        True for a case.
    indices : array_like, shape (n_resamples, n_drawn)
        0-based rows, as `bootstrap_indices` draws them.

    Returns
    -------
    ResampledPerformance

    Raises
    ------
    OneClassError
        No case or no control.
    ShapeError, OutOfRangeError
        As `checked_indices`.
    AnalysisError
        The fit to all patients fails, or what it predicts are not probabilities, one for each
        patient.

    Examples
    --------
    >>> def prevalence(rows_train, rows_test):
    ...     return np.full(rows_test.size, is_case[rows_train].mean())
    >>> is_case = np.array([False, False, True, True])
    >>> found = resampled_performance(prevalence, is_case, [[0, 1, 2, 2], [0, 0, 1, 1]])
    >>> found.on_all[:, 0].tolist()
    [0.5, nan]
    >>> found.failures["fit: one_class"]
    1
    """
    mask = checked_classes(is_case)
    n_cases, n_controls = class_sizes(mask)
    resamples = checked_indices(indices, mask.size)
    everybody = np.arange(mask.size)
    failures: Counter[str] = Counter()
    fitted = _probabilities(fit_predict, everybody, mask)
    apparent = _measures(fitted, mask, "apparent", failures)
    tables = np.full((3, len(resamples), len(MEASURES)), np.nan)
    for number, rows in enumerate(resamples):
        try:
            class_sizes(mask[rows])
            predicted = _probabilities(fit_predict, rows, mask)
        except (AnalysisError, np.linalg.LinAlgError) as error:
            failures[f"fit: {_reason(error)}"] += 1
            continue
        left_out = np.setdiff1d(everybody, rows)
        tables[0, number] = _measures(predicted[rows], mask[rows], "in_resample", failures)
        tables[1, number] = _measures(predicted, mask, "on_all", failures)
        tables[2, number, :2] = _out_of_bag(predicted[left_out], mask[left_out], failures)
    shuffled = (n_cases * (1 - fitted) ** 2 + n_controls * fitted**2) / mask.size
    return ResampledPerformance(
        apparent=np.array(apparent),
        in_resample=tables[0],
        on_all=tables[1],
        out_of_bag=tables[2],
        no_information_brier=float(shuffled.mean()),
        failures=dict(failures),
        n_cases=n_cases,
        n_controls=n_controls,
    )


def _probabilities(fit_predict: FitPredict, rows: Indices, is_case: Mask) -> Vector:
    predicted = np.asarray(fit_predict(rows, np.arange(is_case.size)), dtype=np.float64)
    if predicted.shape != is_case.shape:
        raise LengthsDifferError({"predictions": predicted.size, "is_case": is_case.size})
    return checked_probabilities(predicted, is_case)[0]


def _measures(
    probabilities: Vector, is_case: Mask, where: str, failures: Counter[str]
) -> tuple[float, float, float, float]:
    area = auc(probabilities, is_case, direction="higher_is_case")
    score = brier_score(probabilities, is_case)
    try:
        fit = recalibrate(probabilities, is_case)
        if fit.slope is None or fit.intercept is None:
            raise NoSpreadError("probabilities")
    except AnalysisError as error:
        failures[f"slope {where}: {_reason(error)}"] += 1
        return area, score, np.nan, np.nan
    return area, score, fit.slope, fit.intercept


def _out_of_bag(
    probabilities: Vector, is_case: Mask, failures: Counter[str]
) -> tuple[float, float]:
    if is_case.size == 0:
        failures["out_of_bag: nobody"] += 1
        return np.nan, np.nan
    score = float(np.mean((probabilities - is_case) ** 2))
    if is_case.all() or not is_case.any():
        failures["auc out_of_bag: one_class"] += 1
        return np.nan, score
    return auc(probabilities, is_case, direction="higher_is_case"), score


def _reason(error: Exception) -> str:
    """Return an error's name as a key: ``OneClassError`` is ``one_class``."""
    words = re.findall("[A-Z][a-z]+", type(error).__name__.removesuffix("Error"))
    return "_".join(words).lower()
