"""Any labelled table, a row per patient, read as a cohort by configuration alone."""

from collections.abc import Mapping, Sequence

from data.analytes import Analyte, AnalyteTable
from data.cohort import Cohort, Patient, Provenance
from data.errors import CohortError, CohortFault, MeasurementError
from data.identifier import IDENTIFIER_RULE, is_identifier
from data.measurement import read_measurement
from data.panel import Panel
from data.table import Row, Table, read_table
from training.config import TableConfig, TrainingConfig, table_analytes
from training.errors import TrainingError


def read_labelled_table(config: TrainingConfig) -> Cohort:
    """Read the table of a configuration: all patients in arm ``msc``, outcomes as stated.

    Raises
    ------
    TrainingError
        The configuration has no table, or follow-up columns for other analytes.
    CohortError
        With every fault of the table.
    """
    described = config.table
    if described is None:
        raise TrainingError("give a cohort folder, or a configuration with [table]")
    follow_up = described.follow_up_columns
    if follow_up is not None and set(follow_up) != set(described.columns):
        raise TrainingError("columns and follow_up_columns must name the same analytes")
    if not described.path.is_file():
        raise TrainingError(f"there is no table {described.path.name}")
    table = read_table(described.path)
    reading = _Reading(described, table, table_analytes(config), config.task.follow_up_month)
    patients = reading.patients()
    if reading.faults:
        raise CohortError(reading.faults)
    return Cohort(patients, Provenance(described.simulated, "labelled table"))


class _Reading:
    """One pass over a labelled table, collecting every fault."""

    def __init__(
        self,
        described: TableConfig,
        table: Table,
        analytes: Sequence[Analyte],
        follow_up_month: float,
    ) -> None:
        self.described, self.table = described, table
        self.analytes = AnalyteTable(analytes)
        self.follow_up_month = follow_up_month
        self.faults: list[CohortFault] = []

    def patients(self) -> tuple[Patient, ...]:
        """Every row without a fault that has an outcome."""
        wanted = [self.described.outcome, *self.described.columns.values()]
        wanted += [self.described.id] if self.described.id else []
        wanted += (self.described.follow_up_columns or {}).values()
        for column in wanted:
            if column not in self.table.columns:
                self._fault(None, column, "missing_column", f"the table has no column {column}")
        if self.faults:
            return ()
        self._check_outcome()
        patients = {}
        for row in self.table.rows:
            patient = self._patient(row)
            if patient is None:
                continue
            if patient.patient_id in patients:
                self._fault(row, self.described.id, "duplicate_patient", "one row per patient")
            patients[patient.patient_id] = patient
        return tuple(patients.values())

    def _fault(self, row: Row | None, column: str | None, rule: str, message: str) -> None:
        number = row.number if row is not None else None
        self.faults.append(CohortFault(self.table.file, number, column, rule, message))

    def _check_outcome(self) -> None:
        column, positive = self.described.outcome, self.described.positive
        stated = {row[column] for row in self.table.rows} - {""}
        if positive not in stated:
            message = f"no row states the outcome {positive!r} that counts as responder"
            self._fault(None, column, "positive_not_found", message)
        elif len(stated) != 2:
            message = f"the outcome has {len(stated)} different values; two are needed"
            self._fault(None, column, "not_two_classes", message)

    def _patient(self, row: Row) -> Patient | None:
        patient_id = row[self.described.id] if self.described.id else f"row-{row.number}"
        if not is_identifier(patient_id):
            self._fault(row, self.described.id, "bad_id", IDENTIFIER_RULE)
            return None
        panels = [self._panel(row, 0.0, self.described.columns)]
        if self.described.follow_up_columns is not None:
            follow_up = self.described.follow_up_columns
            panels.append(self._panel(row, self.follow_up_month, follow_up))
        stated = row[self.described.outcome]
        if any(panel is None for panel in panels):
            return None
        return Patient(
            patient_id,
            "msc",
            panels=tuple(panel for panel in panels if panel is not None),
            responder=stated == self.described.positive if stated else None,
        )

    def _panel(self, row: Row, month: float, columns: Mapping[str, str]) -> Panel | None:
        measurements = []
        for analyte, column in columns.items():
            try:
                measurement = read_measurement(
                    self.analytes,
                    analyte,
                    row[column],
                    unit=self._unit(analyte),
                    platform=self.described.platform,
                )
                measurements.append(measurement)
            except MeasurementError as error:
                for fault in error.faults:
                    self._fault(row, column, fault.code, fault.message)
        return Panel(month, tuple(measurements)) if len(measurements) == len(columns) else None

    def _unit(self, analyte: str) -> str | None:
        if self.described.scale == "as_is":
            return None
        return self.described.unit or self.analytes[analyte].unit
