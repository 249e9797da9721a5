"""How many patients a model needs before it is fitted: Riley's criteria for a yes/no outcome.

The anticipated AUC is a plan, taken from the literature or chosen; never the AUC observed.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import log_expit, ndtri

from analysis.checks import Vector
from analysis.errors import OutOfRangeError

LEAST_SHRINKAGE = 0.9  # Riley 2019, criterion 1
MOST_OPTIMISM = 0.05  # Riley 2019, criterion 2: in Nagelkerke's R2
RISK_MARGIN = 0.05  # Riley 2019, criterion 3: half-width for the overall proportion of cases
RISK_QUANTILE = 1.96  # Riley 2019, criterion 3: printed so, not the exact normal quantile


@dataclass(frozen=True, slots=True)
class SampleSize:
    """How many patients are needed, and what asks for them.

    Parameters
    ----------
    required : int
        The largest of the criteria [patients].
    criteria : Mapping[str, int]
        Patients needed for each: ``shrinkage`` (criterion 1), ``optimism`` (2), ``overall_risk``
        (3).
    n_parameters : int
        Candidate parameters, all of them, not only those kept.
    prevalence : float
        Anticipated proportion of cases.
    anticipated_auc : float
        Anticipated AUC.
    cox_snell_r2, max_cox_snell_r2 : float
        The Cox-Snell R2 that goes with this AUC, and the largest possible at this prevalence.
    shrinkage : float
        Expected shrinkage when criteria 1 and 2 are both just met; 1 is none.
    """

    required: int
    criteria: Mapping[str, int]
    n_parameters: int
    prevalence: float
    anticipated_auc: float
    cox_snell_r2: float
    max_cox_snell_r2: float
    shrinkage: float

    def as_dict(self) -> dict[str, float | int | dict[str, int]]:
        """Return the fields in order, ready for JSON.

        Returns
        -------
        dict

        Examples
        --------
        >>> needed = required_sample_size(n_parameters=3, prevalence=0.6, anticipated_auc=0.75)
        >>> needed.as_dict()["criteria"]
        {'shrinkage': 136, 'optimism': 72, 'overall_risk': 369}
        """
        fields = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return fields | {"criteria": dict(self.criteria)}


def required_sample_size(
    *, n_parameters: int, prevalence: float, anticipated_auc: float
) -> SampleSize:
    """Return the number of patients needed to develop a model.

    Parameters
    ----------
    n_parameters : int
        Candidate parameters.
    prevalence : float
        Anticipated proportion of cases, strictly between 0 and 1.
    anticipated_auc : float
        Strictly between .5 and 1.

    Returns
    -------
    SampleSize

    Raises
    ------
    OutOfRangeError
        An argument out of its range.

    Notes
    -----
    Source: Riley 2019, Stat Med 38:1276; Riley 2020, BMJ 368:m441.

    Examples
    --------
    >>> required_sample_size(n_parameters=12, prevalence=0.6, anticipated_auc=0.75).required
    542
    """
    r2 = cox_snell_r2(prevalence=prevalence, anticipated_auc=anticipated_auc)
    exact = riley_criteria(n_parameters=n_parameters, prevalence=prevalence, cox_snell_r2=r2)
    criteria = {name: math.ceil(n) for name, n in exact.items()}
    return SampleSize(
        required=max(criteria.values()),
        criteria=criteria,
        n_parameters=n_parameters,
        prevalence=prevalence,
        anticipated_auc=anticipated_auc,
        cox_snell_r2=r2,
        max_cox_snell_r2=max_cox_snell_r2(prevalence),
        shrinkage=max(LEAST_SHRINKAGE, _shrinkage_for_optimism(r2, prevalence)),
    )


def riley_criteria(
    *, n_parameters: int, prevalence: float, cox_snell_r2: float
) -> dict[str, float]:
    """Return the patients that each criterion asks for, before rounding up.

    Parameters
    ----------
    n_parameters : int
        Candidate parameters, at least 1.
    prevalence : float
        Anticipated proportion of cases, strictly between 0 and 1.
    cox_snell_r2 : float
        Anticipated Cox-Snell R2, above 0 and below its maximum at this prevalence.

    Returns
    -------
    dict
        ``shrinkage``: expected shrinkage of at least .9. ``optimism``: at most .05 in
        Nagelkerke's R2. ``overall_risk``: the proportion of cases within .05.

    Raises
    ------
    OutOfRangeError
        An argument out of its range.

    Notes
    -----
    Source: Riley 2019, Stat Med 38:1276, sections 4.1 to 4.3.

    Examples
    --------
    >>> exact = riley_criteria(n_parameters=3, prevalence=0.5, cox_snell_r2=0.2)
    >>> {name: round(n, 1) for name, n in exact.items()}
    {'shrinkage': 119.4, 'optimism': 70.1, 'overall_risk': 384.2}
    """
    if n_parameters < 1:
        raise OutOfRangeError("n_parameters", "at least 1")
    if not 0 < cox_snell_r2 < max_cox_snell_r2(prevalence):
        raise OutOfRangeError("cox_snell_r2", "above 0 and below its maximum at this prevalence")

    def for_shrinkage(shrinkage: float) -> float:
        return n_parameters / ((shrinkage - 1) * math.log1p(-cox_snell_r2 / shrinkage))

    return {
        "shrinkage": for_shrinkage(LEAST_SHRINKAGE),
        "optimism": for_shrinkage(_shrinkage_for_optimism(cox_snell_r2, prevalence)),
        "overall_risk": (RISK_QUANTILE / RISK_MARGIN) ** 2 * prevalence * (1 - prevalence),
    }


def cox_snell_r2(*, prevalence: float, anticipated_auc: float) -> float:
    """Return the Cox-Snell R2 that goes with an AUC.

    Parameters
    ----------
    prevalence : float
        Proportion of cases, strictly between 0 and 1.
    anticipated_auc : float
        Strictly between .5 and 1.

    Returns
    -------
    float
        ``1 - exp(-2 gain)``, where the gain is how much the true model's expected log-likelihood
        of one patient exceeds the null model's.

    Raises
    ------
    OutOfRangeError
        An argument out of its range.

    Notes
    -----
    Source: Riley 2021, Stat Med 40:859: a linear predictor that is normal in both classes, with
    standard deviation 1 and means sqrt(2) * quantile(AUC) apart. Riley simulates a million
    patients, which leaves a standard error of about .0007; here the expectation is integrated.
    Hence the software of the paper's authors can ask for a patient more or fewer: at an AUC of
    .75 and a prevalence of .6 for 12 parameters its run gave an R2 of .1786 and 543 patients,
    the integral .17895 and 542.

    Examples
    --------
    >>> round(cox_snell_r2(prevalence=0.6, anticipated_auc=0.75), 4)
    0.179
    """
    _checked_prevalence(prevalence)
    if not 0.5 < anticipated_auc < 1:
        raise OutOfRangeError("anticipated_auc", "strictly between 0.5 and 1")
    distance = math.sqrt(2) * float(ndtri(anticipated_auc))
    # A sum over an even grid, far into both tails, converges faster than any power of its step.
    deviation = np.linspace(-12.0, 12.0, 2401)
    weight = np.exp(-(deviation**2) / 2)
    weight /= weight.sum()

    def log_odds(predictor: Vector) -> Vector:
        null = math.log(prevalence / (1 - prevalence))
        return null + distance * (predictor - distance / 2)

    in_cases = float(weight @ log_expit(log_odds(deviation + distance)))
    in_controls = float(weight @ log_expit(-log_odds(deviation)))
    gain = prevalence * in_cases + (1 - prevalence) * in_controls - _null_likelihood(prevalence)
    return -math.expm1(-2 * gain)


def max_cox_snell_r2(prevalence: float) -> float:
    """Return the largest Cox-Snell R2 that any model can reach at a prevalence.

    Parameters
    ----------
    prevalence : float
        Proportion of cases, strictly between 0 and 1.

    Returns
    -------
    float
        At most .75, at a prevalence of one half.

    Raises
    ------
    OutOfRangeError
        A prevalence out of its range.

    Notes
    -----
    Source: Riley 2019, Stat Med 38:1276, section 3.

    Examples
    --------
    >>> round(max_cox_snell_r2(0.6), 4)
    0.7397
    """
    return -math.expm1(2 * _null_likelihood(_checked_prevalence(prevalence)))


def _null_likelihood(prevalence: float) -> float:
    return prevalence * math.log(prevalence) + (1 - prevalence) * math.log1p(-prevalence)


def _shrinkage_for_optimism(r2: float, prevalence: float) -> float:
    return r2 / (r2 + MOST_OPTIMISM * max_cox_snell_r2(prevalence))


def _checked_prevalence(prevalence: float) -> float:
    if not 0 < prevalence < 1:
        raise OutOfRangeError("prevalence", "strictly between 0 and 1")
    return prevalence
