"""The months of a trial's visits, as its patients made them."""

from collections.abc import Iterable

from data.cohort import Patient
from data.outcome import Visit
from trial.visits import WINDOW_MONTHS, total_at


def visit_months(patients: Iterable[Patient], reported: Iterable[float] = ()) -> tuple[float, ...]:
    """Whole months near which anybody was seen, and those that are reported anyway.

    Parameters
    ----------
    reported
        Months that are there whether anybody was seen or not.

    Returns
    -------
    Ascending; lead-in below 0, the baseline 0.

    Examples
    --------
    >>> patient = Patient("P-1", "msc", visits=(Visit(-2.9, 41), Visit(0, 40), Visit(3.9, 38)))
    >>> visit_months([patient], reported=(6.0,))
    (-3.0, 0.0, 4.0, 6.0)
    """
    near = {_whole_month(visit) for patient in patients for visit in patient.visits}
    return tuple(sorted(near | {0.0, *reported}))


def _whole_month(visit: Visit) -> float:
    """Nearest whole month on the visit's side of the first injection; of two, the earlier."""
    whole = float(round(visit.month))
    if abs(visit.month - whole) == WINDOW_MONTHS:
        whole = visit.month - WINDOW_MONTHS
    return max(whole, 1.0) if visit.month > 0 else min(whole, 0.0)


def seen_at(patient: Patient, month: float) -> bool:
    """Whether a visit stands for this month (`trial.visits.total_at`)."""
    return total_at(patient.visits, month) is not None
