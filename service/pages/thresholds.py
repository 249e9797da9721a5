"""What each threshold on a classifier's curve would do: rates, predictive values, counts.

Counts are what the curve's rates mean for the patients who trained; means over folds, so they
need not be whole.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from analysis.decision_counts import DecisionCounts
from analysis.errors import TooFewError
from analysis.estimate import Estimate
from analysis.predictive_values import negative_predictive_value, positive_predictive_value
from analysis.proportions import wilson


class Threshold(NamedTuple):
    """One threshold; `ppv` or `npv` is None where nobody is on that side of it.

    Estimates are at the prevalence of the patients who trained.
    """

    threshold: float
    sensitivity: Estimate
    specificity: Estimate
    ppv: Estimate | None
    npv: Estimate | None
    counts: DecisionCounts


def thresholds_of(curve: Mapping[str, Any]) -> list[Threshold]:
    """Every finite threshold of a ROC curve, strictest first.

    Parameters
    ----------
    curve
        As an evaluation has it, of the classifier.
    """
    n_cases, n_controls = curve["auc"]["n_cases"], curve["auc"]["n_controls"]
    return [
        _threshold(point, n_cases, n_controls)
        for point in curve["points"]
        if point["threshold"] is not None
    ]


def nearest(thresholds: list[Threshold], served: float) -> int:
    """Position of the threshold nearest to the one that is served.

    Examples
    --------
    >>> nearest([], 0.5)
    0
    """
    distances = [abs(one.threshold - served) for one in thresholds]
    return distances.index(min(distances)) if distances else 0


def _threshold(point: Mapping[str, Any], n_cases: int, n_controls: int) -> Threshold:
    sensitivity, specificity = point["sensitivity"], point["specificity"]
    found = n_cases * sensitivity, n_controls * specificity
    # Means over folds: no whole patients, which the formulas do not ask for.
    counts = DecisionCounts(found[0], n_cases - found[0], found[1], n_controls - found[1])
    prevalence = n_cases / (n_cases + n_controls)

    def rate(value: float, successes: float, n: int) -> Estimate:
        return Estimate(value, *wilson(successes, n), 0.95, "wilson", n_cases, n_controls)

    return Threshold(
        point["threshold"],
        rate(sensitivity, found[0], n_cases),
        rate(specificity, found[1], n_controls),
        _or_none(positive_predictive_value, counts, prevalence),
        _or_none(negative_predictive_value, counts, prevalence),
        counts,
    )


def _or_none(value: Any, counts: DecisionCounts, prevalence: float) -> Estimate | None:
    try:
        found: Estimate = value(counts, prevalence=prevalence)
    except TooFewError:
        return None
    return found
