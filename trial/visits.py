"""Which visit stands for a month that is reported."""

from collections.abc import Sequence
from typing import Final

from data.outcome import Visit

WINDOW_MONTHS: Final = 0.5
"""How far a visit may be from the month it stands for (our choice)."""
_ROUNDING: Final = 1e-9


def total_at(visits: Sequence[Visit], month: float) -> float | None:
    """ALSFRS-R total (0-48, higher is better) at a month; None where no visit is near enough.

    The nearest visit within `WINDOW_MONTHS`, of two equally near the earlier. Month 0, the
    baseline, takes visits at or before the first injection only; a later month only those after.

    Parameters
    ----------
    visits
        In any order.
    month
        0 or above [months].

    Examples
    --------
    >>> visits = [Visit(-0.2, 41), Visit(0.1, 40), Visit(3.9, 36), Visit(4.4, 35)]
    >>> total_at(visits, 0), total_at(visits, 4), total_at(visits, 6)
    (41, 36, None)
    """
    near = [
        (round(abs(visit.month - month), 9), visit.month, visit.total)
        for visit in visits
        if (visit.month > 0) == (month > 0)
        and abs(visit.month - month) <= WINDOW_MONTHS + _ROUNDING
    ]
    return min(near)[2] if near else None


def change_to(visits: Sequence[Visit], month: float) -> float | None:
    """Change of the total from baseline to a month; below 0 is decline; None where one is missing.

    Examples
    --------
    >>> change_to([Visit(0, 40), Visit(4, 37)], 4)
    -3
    """
    before, after = total_at(visits, 0), total_at(visits, month)
    return None if before is None or after is None else after - before
