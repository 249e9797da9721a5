"""The visits of a trial as the rows of a mixed model, and what of it they cannot carry."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.checks import Vector
from analysis.errors import AnalysisError
from analysis.piecewise_slopes import fixed_columns
from data.cohort import ARMS, Arm, Patient


class NoSlopeError(AnalysisError):
    """An arm has no visit on one side of the first injection, so no slope there.

    Attributes
    ----------
    arm, phase : str
        Which arm, and on which side.
    """

    def __init__(self, arm: str, phase: str) -> None:
        self.arm = arm
        self.phase = phase
        super().__init__(
            f"Arm {arm} has no visit {phase} month 0, so its slope there cannot be estimated; the"
            " mixed model needs visits on both sides."
        )


class NoVisitsError(AnalysisError):
    """Nobody has an ALSFRS-R visit."""

    def __init__(self) -> None:
        super().__init__("There is no ALSFRS-R visit; the mixed model needs visits of patients.")


@dataclass(frozen=True, slots=True, eq=False)
class VisitRows:
    """Every visit of every patient, one row each.

    Attributes
    ----------
    total
        ALSFRS-R, shape (n_rows,) [points; higher is better].
    month
        Shape (n_rows,); 0 is the first injection.
    is_msc
        Shape (n_rows,).
    patient
        Number of the patient, shape (n_rows,).
    n_patients
        With at least one visit, by arm; an arm without is not there.
    """

    total: Vector
    month: Vector
    is_msc: NDArray[np.bool_]
    patient: NDArray[np.int64]
    n_patients: Mapping[Arm, int]

    @property
    def has_both_arms(self) -> bool:
        """Whether the arms can be compared."""
        return len(self.n_patients) == len(ARMS)

    def fixed(self) -> Vector:
        """Columns of the fixed effects; without those of the arm where there is one arm."""
        return fixed_columns(self.month, self.is_msc if self.has_both_arms else None)

    def of_arm(self, arm: Arm) -> NDArray[np.bool_]:
        """Which rows are of an arm."""
        return self.is_msc if arm == "msc" else ~self.is_msc


def visit_rows(patients: Iterable[Patient]) -> VisitRows:
    """Put the visits of all patients under one another.

    Parameters
    ----------
    patients
        Of either arm; those without a visit add nothing.

    Raises
    ------
    NoVisitsError
        Nobody has a visit.
    NoSlopeError
        An arm with visits has none before, or none after, month 0.

    Examples
    --------
    >>> from data.outcome import Visit
    >>> visits = Visit(-2, 42), Visit(0, 40), Visit(2, 39)
    >>> rows = visit_rows([Patient("P-1", "msc", visits=visits), Patient("P-2", "control")])
    >>> rows.n_patients, rows.fixed().shape
    ({'msc': 1}, (3, 3))
    """
    everybody = tuple(patients)
    visits = [(n, p.arm, visit) for n, p in enumerate(everybody) for visit in p.visits]
    if not visits:
        raise NoVisitsError
    n_patients = {arm: sum(p.arm == arm and bool(p.visits) for p in everybody) for arm in ARMS}
    rows = VisitRows(
        total=np.array([visit.total for _, _, visit in visits], dtype=np.float64),
        month=np.array([visit.month for _, _, visit in visits], dtype=np.float64),
        is_msc=np.array([arm == "msc" for _, arm, _ in visits]),
        patient=np.array([number for number, _, _ in visits]),
        n_patients={arm: n for arm, n in n_patients.items() if n},
    )
    for arm in rows.n_patients:
        _check_both_sides(rows, arm)
    return rows


def _check_both_sides(rows: VisitRows, arm: Arm) -> None:
    month = rows.month[rows.of_arm(arm)]
    if not (month < 0).any():
        raise NoSlopeError(arm, "before")
    if not (month > 0).any():
        raise NoSlopeError(arm, "after")
