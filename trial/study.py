"""What a trial report is made from: the cohort, what of it could be read, and what is asked."""

from dataclasses import dataclass, field
from typing import Final

from data.analytes import AnalyteTable, study_analytes
from data.cohort import Cohort
from data.errors import CohortFault, ConfigError
from data.outcome import ResponderDefinition, define_responder
from data.tables.table import plain_name

ALL_TABLES: Final = frozenset(
    {"participants", "alsfrs_r", "cytokines", "survival", "adverse_events"}
)
MONTHS: Final = (4.0, 6.0)
"""Visits at which the study reports (Oh 2018)."""


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
        No month, a month that is not above 0, or one twice.
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
        ascending = all(a < b for a, b in zip(self.months, self.months[1:], strict=False))
        if not self.months or not ascending or not 0 < self.months[0] <= self.months[-1] < 1000:
            raise ConfigError("the months to report are numbers above 0, ascending, each once")

    def left_out_of(self, table: str) -> tuple[CohortFault, ...]:
        """The faults of one table; those of no table's own file count as the participants'."""
        owners = (plain_name(fault.file.split(".")[0]) for fault in self.left_out)
        named = [owner if owner in ALL_TABLES else "participants" for owner in owners]
        return tuple(
            fault for fault, owner in zip(self.left_out, named, strict=True) if owner == table
        )
