"""One number with its interval, how the interval was made, and how many patients it rests on."""

import math
from dataclasses import dataclass

from analysis.checks import checked_level
from analysis.errors import OutOfRangeError


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value that never travels without its interval, method and n.

    The value may be any finite number: no range is enforced, because slopes and differences are
    signed. An analytic interval contains its value. A resampled one (`method` starting with
    ``bootstrap``) need not: a percentile interval may miss its own estimate, and that is a
    finding about bias, not a fault.

    Parameters
    ----------
    value, lower, upper : float
        The estimate and its two limits, in the unit of the quantity.
    level : float
        Confidence level of the limits, as .95.
    method : str
        Name of the way the interval was made, for example ``logit_delong``.
    n_cases, n_controls : int
        Patients it rests on; never patients times repeats.

    Raises
    ------
    OutOfRangeError
        A number that is not finite, limits in the wrong order, a value outside an analytic
        interval, a level outside (0, 1), no method, or a negative count.

    Examples
    --------
    >>> print(Estimate(0.71, 0.55, 0.83, 0.95, "logit_delong", 19, 14))
    0.71 (95% CI 0.55-0.83, logit_delong, 19 v 14)
    """

    value: float
    lower: float
    upper: float
    level: float
    method: str
    n_cases: int
    n_controls: int

    def __post_init__(self) -> None:
        """Refuse an estimate that contradicts itself."""
        if not all(map(math.isfinite, (self.value, self.lower, self.upper))):
            raise OutOfRangeError("value, lower and upper", "finite")
        if self.lower > self.upper:
            raise OutOfRangeError("lower", "at most upper")
        inside = self.lower <= self.value <= self.upper
        if not inside and not self.method.startswith("bootstrap"):
            raise OutOfRangeError("value", "between lower and upper, as the method is analytic")
        checked_level(self.level)
        if not self.method:
            raise OutOfRangeError("method", "named")
        if self.n_cases < 0 or self.n_controls < 0:
            raise OutOfRangeError("n_cases and n_controls", "counts")

    def as_dict(self) -> dict[str, float | int | str]:
        """Return the fields in the order in which they are served.

        Returns
        -------
        dict
            Plain Python numbers and text, ready for JSON.

        Examples
        --------
        >>> Estimate(0.7, 0.5, 0.8, 0.95, "wilson", 19, 14).as_dict()["method"]
        'wilson'
        """
        return {
            "value": float(self.value),
            "lower": float(self.lower),
            "upper": float(self.upper),
            "level": float(self.level),
            "method": self.method,
            "n_cases": int(self.n_cases),
            "n_controls": int(self.n_controls),
        }

    def __str__(self) -> str:
        """Write the estimate as it stands in a sentence, to two decimals."""
        between = " to " if self.lower < 0 else "-"
        return (
            f"{self.value:.2f} ({100 * self.level:g}% CI {self.lower:.2f}{between}{self.upper:.2f},"
            f" {self.method}, {self.n_cases} v {self.n_controls})"
        )
