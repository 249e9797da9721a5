"""The four counts of a yes/no decision, and its sensitivity and specificity with intervals."""

from dataclasses import dataclass
from typing import Literal, get_args

from analysis.errors import OneClassError, OutOfRangeError, UnknownChoiceError
from analysis.estimate import Estimate
from analysis.proportions import clopper_pearson, wilson

RateMethod = Literal["clopper_pearson", "wilson"]


@dataclass(frozen=True, slots=True)
class DecisionCounts:
    """How many cases and controls were called a case.

    Parameters
    ----------
    true_positives, false_negatives : int
        Cases that were and were not called a case.
    true_negatives, false_positives : int
        Controls that were not and were called a case.

    Raises
    ------
    OutOfRangeError
        A negative count.
    OneClassError
        No case or no control.

    Examples
    --------
    >>> DecisionCounts(15, 4, 10, 4).n_cases
    19
    """

    true_positives: int
    false_negatives: int
    true_negatives: int
    false_positives: int

    def __post_init__(self) -> None:
        """Refuse what is not a count of both classes."""
        for name in self.__dataclass_fields__:
            if getattr(self, name) < 0:
                raise OutOfRangeError(name, "a count, 0 or more")
        if self.n_cases == 0 or self.n_controls == 0:
            raise OneClassError(self.n_cases, self.n_controls)

    @property
    def n_cases(self) -> int:
        """Number of cases."""
        return self.true_positives + self.false_negatives

    @property
    def n_controls(self) -> int:
        """Number of controls."""
        return self.true_negatives + self.false_positives

    def sensitivity(
        self, *, method: RateMethod = "clopper_pearson", level: float = 0.95
    ) -> Estimate:
        """Proportion of cases called a case.

        Parameters
        ----------
        method : RateMethod
            ``clopper_pearson`` (exact, default) or ``wilson``.
        level : float
            Confidence level.

        Returns
        -------
        Estimate
            As if the threshold had been fixed before these patients were seen.

        Raises
        ------
        UnknownChoiceError
            Another method.
        OutOfRangeError
            A level out of range.

        Examples
        --------
        >>> print(DecisionCounts(15, 4, 10, 4).sensitivity(method="wilson"))
        0.79 (95% CI 0.57-0.91, wilson, 19 v 14)
        """
        return self._rate(self.true_positives, self.n_cases, method, level)

    def specificity(
        self, *, method: RateMethod = "clopper_pearson", level: float = 0.95
    ) -> Estimate:
        """Proportion of controls not called a case.

        Parameters
        ----------
        method, level
            As `sensitivity`.

        Returns
        -------
        Estimate
            As if the threshold had been fixed before these patients were seen.

        Examples
        --------
        >>> print(DecisionCounts(15, 4, 10, 4).specificity())
        0.71 (95% CI 0.42-0.92, clopper_pearson, 19 v 14)
        """
        return self._rate(self.true_negatives, self.n_controls, method, level)

    def _rate(self, right: int, n: int, method: RateMethod, level: float) -> Estimate:
        if method not in get_args(RateMethod):
            raise UnknownChoiceError("method", get_args(RateMethod))
        interval = clopper_pearson if method == "clopper_pearson" else wilson
        limits = interval(right, n, level=level)
        return Estimate(right / n, *limits, level, method, self.n_cases, self.n_controls)
