"""The share of responders in one arm, with its interval and with those who could not be judged."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from analysis.errors import TooFewError
from analysis.estimate import Estimate
from analysis.proportions import wilson
from data.outcome import Outcome


@dataclass(frozen=True, slots=True)
class ResponderRate:
    """Responders of one arm.

    Attributes
    ----------
    responders, evaluable
        Their numbers.
    rate
        Responders among evaluable patients; its `n_cases` and `n_controls` are responders and
        other evaluable patients.
    not_evaluable
        Patients without a label, by reason.
    """

    responders: int
    evaluable: int
    rate: Estimate
    not_evaluable: Mapping[str, int]


def responder_rate(outcomes: Sequence[Outcome], level: float) -> ResponderRate:
    """Count the responders among those who can be judged.

    Parameters
    ----------
    outcomes
        One for each patient of the arm.

    Raises
    ------
    TooFewError
        Nobody can be judged.

    Examples
    --------
    >>> responded = Outcome(True, None, -1.0, -0.2, 80.0)
    >>> flat = Outcome(None, "lead_in_slope_not_negative", 0.1, -0.2, None)
    >>> found = responder_rate([responded, flat], 0.95)
    >>> found.responders, found.evaluable, found.not_evaluable
    (1, 1, {'lead_in_slope_not_negative': 1})
    """
    k = sum(outcome.responder is True for outcome in outcomes)
    n = sum(outcome.responder is not None for outcome in outcomes)
    if n == 0:
        raise TooFewError("evaluable patients", 0, 1)
    lower, upper = wilson(k, n, level=level)
    reasons = Counter(str(one.not_evaluable) for one in outcomes if one.responder is None)
    rate = Estimate(k / n, lower, upper, level, "wilson", k, n - k)
    return ResponderRate(k, n, rate, dict(sorted(reasons.items())))
