"""Where a cohort comes from: its folder, one tidy table, or the table that a TOML describes."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from data.analytes import AnalyteTable
from data.cohort import Cohort
from data.doubts.doubts import suspicions, warnings
from data.errors import CohortError, CohortFault, ConfigError
from data.outcome import ResponderDefinition, define_responder, stated_outcome
from data.sources.cohort_config import CohortConfig
from data.sources.cohort_folder import read_folder
from data.sources.declared_analytes import config_analytes
from data.sources.labelled_table import read_labelled_table


@dataclass(frozen=True, slots=True)
class CohortSource:
    """A folder (or one tidy file), or a configuration with [table]: one of the two.

    Raises
    ------
    ConfigError
        Neither or both are given.
    """

    folder: Path | None
    config: CohortConfig

    def __post_init__(self) -> None:
        if self.folder is not None and self.config.table is not None:
            raise ConfigError("give a cohort folder or a [table], not both")
        if self.folder is None and self.config.table is None:
            raise ConfigError("give a cohort folder, or a configuration with [table]")

    def analytes(self) -> AnalyteTable:
        """The analytes that the source is read with."""
        return config_analytes(self.config)

    def read(self, analytes: AnalyteTable | None = None) -> Cohort:
        """The cohort; with `analytes` it is read in their units and ranges.

        Raises
        ------
        CohortError
            With every fault.
        """
        cohort, faults = self._read(analytes or self.analytes())
        if faults:
            raise CohortError(faults)
        return cohort

    def check(self, rule: ResponderDefinition | None = None) -> "Findings":
        """Everything that is wrong or doubtful; `rule` decides who responds (oh2018)."""
        unused: list[CohortFault] = []
        cohort, faults = self._read(self.analytes(), unused)
        if faults:
            return Findings(len(cohort.patients), tuple(faults), tuple(unused))
        suspected = suspicions(cohort)
        doubts = [*warnings(cohort, self.definition(cohort, rule)), *self._left_out(cohort)]
        if self.config.table is not None:
            # Another table's treatment need not change cytokines as the study's does.
            doubts += [found for found in suspected if found.rule == "suspected_swapped"]
            suspected = [found for found in suspected if found.rule != "suspected_swapped"]
        return Findings(
            len(cohort.patients),
            tuple(self._in_own_file(suspected)),
            (*unused, *self._in_own_file(doubts)),
        )

    def definition(
        self, cohort: Cohort, rule: ResponderDefinition | None = None
    ) -> ResponderDefinition:
        """What makes a responder in it: what its table states, else `rule` over slopes.

        Raises
        ------
        ConfigError
            A rule is asked for where outcomes are stated.
        """
        if not cohort.states_outcomes:
            return rule or define_responder()
        if rule is not None:
            raise ConfigError(
                "outcomes are stated, so --definition, --percent and --horizon do not apply"
            )
        table = self.config.table
        if table is None:
            return stated_outcome("responder")
        return stated_outcome(table.outcome, horizon_months=table.horizon_months)

    def _read(
        self, analytes: AnalyteTable, unused: list[CohortFault] | None = None
    ) -> tuple[Cohort, Sequence[CohortFault]]:
        """The cohort and its faults; columns and files that nobody reads go to `unused`."""
        if self.folder is not None:
            return read_folder(self.folder, analytes, unused)
        return read_labelled_table(self.config, analytes)

    def _left_out(self, cohort: Cohort) -> Iterator[CohortFault]:
        """Rows of a labelled table that cannot train; a folder's patients may well not."""
        if self.config.table is None:
            return
        n_patients = len(cohort.patients)
        unstated = sum(patient.responder is None for patient in cohort.patients)
        unmeasured = sum(all(x.month > 0 for x in patient.panels) for patient in cohort.patients)
        for n, rule, what in (
            (unstated, "outcome_not_stated", "no evaluable outcome"),
            (unmeasured, "panel_missing", "no result at baseline"),
        ):
            if n:
                message = f"{n} of {n_patients} patients have {what} and cannot train"
                yield CohortFault("", None, None, rule, message)

    def _in_own_file(self, found: Iterable[CohortFault]) -> Iterator[CohortFault]:
        """Doubts under the name of the one file that was read, where it is one."""
        table = self.config.table
        for fault in found:
            if table is not None:
                yield replace(fault, file=table.path.name, column=None)
            elif self.folder is not None and self.folder.is_file():
                yield replace(fault, file=self.folder.name)
            else:
                yield fault


@dataclass(frozen=True, slots=True)
class Findings:
    """What `check` says: faults (suspected ones included) and warnings."""

    n_patients: int
    faults: tuple[CohortFault, ...]
    warnings: tuple[CohortFault, ...]
