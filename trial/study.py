"""What a trial report is made from: the cohort, what of it could be read, and what is asked."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from data.analytes import AnalyteTable, study_analytes
from data.cohort import Cohort
from data.errors import CohortFault, ConfigError
from data.outcome import ResponderDefinition, define_responder
from data.tables.table import plain_name
from trial.visits import WINDOW_MONTHS

ALL_TABLES: Final = frozenset(
    {"participants", "alsfrs_r", "cytokines", "survival", "adverse_events"}
)
MONTHS: Final = (4.0, 6.0)
"""Visits at which the study reports (Oh 2018)."""
_LATEST: Final = 1000


def reported_months(months: Iterable[float]) -> tuple[float, ...]:
    """The visits to report, if they can be told apart.

    Raises
    ------
    ConfigError
        None, one at month 0 or before, or two within one another's window.

    Examples
    --------
    >>> reported_months([4, 6])
    (4, 6)
    """
    visits = tuple(months)
    apart = all(b - a >= 2 * WINDOW_MONTHS for a, b in pairwise(visits))
    if not visits or not apart or not WINDOW_MONTHS <= visits[0] <= visits[-1] < _LATEST:
        raise ConfigError(
            "the months to report are numbers above 0, ascending, at least a month apart"
        )
    return visits


@dataclass(frozen=True, slots=True)
class Study:
    """A cohort and how its report is asked for.

    Attributes
    ----------
    tables
        Those that are there and could be read.
    left_out
        Rows and tables with faults, none of which is in `cohort`.
    months
        Visits reported, ascending, each above 0 [months].
    definition
        Who is a responder, where only one definition is used.
    seed
        Of every simulation and imputation.
    level
        Of every interval.

    Raises
    ------
    ConfigError
        As `reported_months`.
    """

    cohort: Cohort
    tables: frozenset[str] = ALL_TABLES
    left_out: tuple[CohortFault, ...] = ()
    months: tuple[float, ...] = MONTHS
    definition: ResponderDefinition = field(default_factory=define_responder)
    seed: int = 1
    level: float = 0.95
    analytes: AnalyteTable = field(default_factory=study_analytes)

    def __post_init__(self) -> None:
        reported_months(self.months)

    def left_out_of(self, table: str) -> tuple[CohortFault, ...]:
        """The faults of one table; those of no table's own file count as the participants'."""
        owners = (plain_name(fault.file.split(".")[0]) for fault in self.left_out)
        named = [owner if owner in ALL_TABLES else "participants" for owner in owners]
        return tuple(
            fault for fault, owner in zip(self.left_out, named, strict=True) if owner == table
        )
