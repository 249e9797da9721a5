"""How many patients it takes to show, or to estimate closely, one AUC of a fixed score.

For planning. The AUC is anticipated, from the literature or chosen; never the one observed. For
developing a model see `analysis.sample_size`.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

from scipy.special import ndtr, ndtri

from analysis.checks import checked_level
from analysis.errors import OutOfRangeError, UnknownChoiceError

VarianceFormula = Literal["obuchowski", "hanley_mcneil"]
Sides = Literal["two_sided", "one_sided"]

_ROOT_OF_TWO = 1.414  # Obuchowski 1994: printed so, and so in pROC
_MOST_CASES = 10**12


@dataclass(frozen=True, slots=True)
class PlannedPatients:
    """How many patients a plan needs.

    Parameters
    ----------
    n_cases, n_controls : int
        Each rounded up.
    exact_cases : float
        Cases before rounding; controls are this times the ratio asked for.
    """

    n_cases: int
    n_controls: int
    exact_cases: float


def planned_variance(
    auc: float,
    n_cases: float,
    n_controls: float,
    *,
    formula: VarianceFormula = "obuchowski",
) -> float:
    """Variance of an AUC that is anticipated.

    Parameters
    ----------
    auc : float
        Strictly between 0 and 1.
    n_cases, n_controls : float
        Patients, at least 1; need not be whole.
    formula : VarianceFormula
        ``obuchowski``: normal scores of equal spread (default, as pROC's ``power.roc.test``);
        ``hanley_mcneil``: exponential scores, smaller from an AUC of about .7 on.

    Returns
    -------
    float

    Raises
    ------
    OutOfRangeError
        An AUC or a number of patients out of range.
    UnknownChoiceError
        Another formula.

    Notes
    -----
    Source: Obuchowski 1994, Stat Med 13:1635; Hanley and McNeil 1982, Radiology 143:29.

    Examples
    --------
    >>> round(planned_variance(0.8, 19, 14) ** 0.5, 4)
    0.0846
    >>> round(planned_variance(0.8, 19, 14, formula="hanley_mcneil") ** 0.5, 4)
    0.0767
    """
    if formula not in get_args(VarianceFormula):
        raise UnknownChoiceError("formula", get_args(VarianceFormula))
    _check_auc("auc", auc)
    for name, n in (("n_cases", n_cases), ("n_controls", n_controls)):
        if not 1 <= n < math.inf:
            raise OutOfRangeError(name, "at least 1")
    return _variance(auc, n_cases, n_controls, formula)


def auc_power(
    auc: float,
    n_cases: float,
    n_controls: float,
    *,
    null: float = 0.5,
    significance: float = 0.05,
    sides: Sides = "two_sided",
    formula: VarianceFormula = "obuchowski",
) -> float:
    """Probability that the AUC will differ significantly from a null value.

    Parameters
    ----------
    auc : float
        Anticipated, strictly between 0 and 1; not `null`.
    n_cases, n_controls : float
        Patients, at least 1.
    null : float
        Strictly between 0 and 1.
    significance : float
        Strictly between 0 and 1; halved when two-sided.
    sides : Sides
        ``one_sided`` is towards `auc`. A significant difference the wrong way is not power.
    formula : VarianceFormula
        As `planned_variance`, for both AUCs.

    Returns
    -------
    float

    Raises
    ------
    OutOfRangeError
        A number out of range.
    UnknownChoiceError
        Another formula or number of sides.

    Notes
    -----
    Source: Obuchowski and McClish 1997, Stat Med 16:1529; with the defaults pROC's
    ``power.roc.test``, whose null is one half.

    Examples
    --------
    >>> round(auc_power(0.8, 19, 14), 3)
    0.894
    """
    z = _critical(null, auc, significance, sides)
    at_null = planned_variance(null, n_cases, n_controls, formula=formula)
    at_auc = planned_variance(auc, n_cases, n_controls, formula=formula)
    return float(ndtr((abs(auc - null) - z * math.sqrt(at_null)) / math.sqrt(at_auc)))


def patients_for_power(
    auc: float,
    *,
    power: float,
    null: float = 0.5,
    significance: float = 0.05,
    sides: Sides = "two_sided",
    controls_per_case: float = 1.0,
    formula: VarianceFormula = "obuchowski",
) -> PlannedPatients:
    """Return the patients needed to show that an AUC differs from a null value.

    Parameters
    ----------
    auc, null, significance, sides, formula
        As `auc_power`.
    power : float
        Strictly between 0 and 1.
    controls_per_case : float
        Above 0 (pROC's ``kappa``).

    Returns
    -------
    PlannedPatients

    Raises
    ------
    OutOfRangeError
        A number out of range, or a plan of more than a million million cases.
    UnknownChoiceError
        Another formula or number of sides.

    Notes
    -----
    Source: as `auc_power`.

    Examples
    --------
    >>> patients_for_power(0.8, power=0.8).n_cases
    13
    """
    z = _critical(null, auc, significance, sides)
    if not 0.0 < power < 1.0:
        raise OutOfRangeError("power", "strictly between 0 and 1")
    of_power, distance = float(ndtri(power)), abs(auc - null)

    def lacks(n_cases: float) -> float:
        at = [
            _variance(each, n_cases, n_cases * controls_per_case, formula) for each in (null, auc)
        ]
        return z * math.sqrt(at[0]) + of_power * math.sqrt(at[1]) - distance

    return _planned(lacks, controls_per_case, formula)


def patients_for_half_width(
    auc: float,
    *,
    half_width: float,
    level: float = 0.95,
    controls_per_case: float = 1.0,
    formula: VarianceFormula = "obuchowski",
) -> PlannedPatients:
    """Return the patients needed for an interval of a given half-width.

    Parameters
    ----------
    auc : float
        Anticipated, strictly between 0 and 1.
    half_width : float
        Of the symmetric normal interval, on the scale of the AUC; above 0 and below one half.
    level : float
        Confidence level.
    controls_per_case : float
        Above 0.
    formula : VarianceFormula
        As `planned_variance`.

    Returns
    -------
    PlannedPatients
        For the anticipated AUC; half the time the interval found will be a little wider.

    Raises
    ------
    OutOfRangeError
        A number out of range, or a plan of more than a million million cases.
    UnknownChoiceError
        Another formula.

    Notes
    -----
    Source: Obuchowski 1994, Stat Med 13:1635.

    Examples
    --------
    >>> needed = patients_for_half_width(0.8, half_width=0.1, formula="hanley_mcneil")
    >>> needed.n_cases, needed.n_controls
    (39, 39)
    """
    _check_auc("auc", auc)
    if not 0.0 < half_width < 0.5:
        raise OutOfRangeError("half_width", "above 0 and below 0.5")
    z = float(ndtri((1 + checked_level(level)) / 2))

    def lacks(n_cases: float) -> float:
        variance = _variance(auc, n_cases, n_cases * controls_per_case, formula)
        return z * math.sqrt(variance) - half_width

    return _planned(lacks, controls_per_case, formula)


def _variance(auc: float, n_cases: float, n_controls: float, formula: VarianceFormula) -> float:
    if formula == "obuchowski":
        a = _ROOT_OF_TWO * float(ndtri(auc))
        spread = (5 * a**2 + 8) / n_cases + (a**2 + 8) / n_controls
        return 0.0099 * math.exp(-(a**2) / 2) * spread
    two_cases, two_controls = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    of_cases = (n_cases - 1) * (two_cases - auc**2)
    of_controls = (n_controls - 1) * (two_controls - auc**2)
    return (auc * (1 - auc) + of_cases + of_controls) / (n_cases * n_controls)


def _planned(
    lacks: Callable[[float], float], controls_per_case: float, formula: VarianceFormula
) -> PlannedPatients:
    """Halve the range, on the log scale, until nothing lacks any more."""
    if formula not in get_args(VarianceFormula):
        raise UnknownChoiceError("formula", get_args(VarianceFormula))
    if not 0.0 < controls_per_case < math.inf:
        raise OutOfRangeError("controls_per_case", "above 0 and finite")
    few, many = max(1.0, 1 / controls_per_case), float(_MOST_CASES)
    if not few < many or lacks(many) > 0:
        raise OutOfRangeError("the plan", "less ambitious: it needs over a million million cases")
    if lacks(few) <= 0:
        many = few
    for _ in range(100):
        middle = math.sqrt(few * many)
        few, many = (middle, many) if lacks(middle) > 0 else (few, middle)
    return PlannedPatients(_whole(many), _whole(many * controls_per_case), many)


def _whole(n: float) -> int:
    return math.ceil(n * (1 - 1e-12))


def _critical(null: float, auc: float, significance: float, sides: Sides) -> float:
    if sides not in get_args(Sides):
        raise UnknownChoiceError("sides", get_args(Sides))
    _check_auc("auc", auc)
    _check_auc("null", null)
    if auc == null:
        raise OutOfRangeError("auc", "another than the null value")
    if not 0.0 < significance < 1.0:
        raise OutOfRangeError("significance", "strictly between 0 and 1")
    return -float(ndtri(significance / (2 if sides == "two_sided" else 1)))


def _check_auc(name: str, auc: float) -> None:
    if not 0.0 < auc < 1.0:
        raise OutOfRangeError(name, "strictly between 0 and 1")
