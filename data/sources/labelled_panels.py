"""The panels of a labelled table whose columns are under our names: wide or tidy."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from data.analytes import AnalyteTable
from data.errors import MeasurementError
from data.measurement import Measurement, read_measurement
from data.panel import Panel
from data.sources.cohort_config import CohortConfig
from data.sources.cytokines_table import read_panels
from data.sources.declared_analytes import column_unit, declared_of
from data.sources.table_config import TableConfig
from data.tables.sheet import Sheet
from data.tables.table import Row

When = Literal["baseline", "follow_up"]


def wide_column(when: When, analyte: str) -> str:
    """Our name of an analyte's column in a wide table; no other name of ours has a space."""
    return f"{when} {analyte}"


@dataclass(frozen=True)
class PanelReader:
    """Reads panels from a sheet and notes its faults there."""

    sheet: Sheet
    config: CohortConfig
    described: TableConfig
    analytes: AnalyteTable

    def wide(self) -> Mapping[str, tuple[Panel, ...]]:
        """Panels by patient of a table with a row for each."""
        panels: dict[str, tuple[Panel, ...]] = {}
        for row in self.sheet.table.rows:
            found = [self._panel(row, 0.0, "baseline")]
            if self.described.follow_up_columns is not None:
                found.append(self._panel(row, self.config.task.follow_up_month, "follow_up"))
            panels[row["patient_id"]] = tuple(panel for panel in found if panel is not None)
        return panels

    def tidy(self) -> Mapping[str, tuple[Panel, ...]]:
        """Panels by patient of a table with a row for each result.

        Rows of analytes that the description does not name are passed over.
        """
        asked = {written: name for name, written in self.described.columns.items()}
        found = [row for row in self.sheet.table.rows if row["analyte"] in asked]
        absent = sorted(asked.keys() - {row["analyte"] for row in found})
        if absent:
            message = f"no row has the analyte {', '.join(absent)} (compared as it is written)"
            self.sheet.fault(None, "analyte", "analyte_not_found", message)
        rows = (Row(row.number, self._as_cytokines(row, asked[row["analyte"]])) for row in found)
        measured = replace(self.sheet, table=replace(self.sheet.table, rows=tuple(rows)))
        return read_panels(measured, None, self.analytes)

    def _panel(self, row: Row, month: float, when: When) -> Panel | None:
        """A panel; None where no cell has a result, for then none was drawn."""
        read = [self._measurement(row, name, when) for name in self.described.columns]
        measured = tuple(m for m in read if m is not None)
        if all("not_reported" in m.flags for m in measured):
            return None
        return Panel(month, measured)

    def _measurement(self, row: Row, analyte: str, when: When) -> Measurement | None:
        column, declared = wide_column(when, analyte), declared_of(analyte, self.config)
        try:
            return read_measurement(
                self.analytes,
                analyte,
                row[column],
                unit=column_unit(analyte, self.config),
                lloq=declared.lloq,
                uloq=declared.uloq,
                platform=self.described.platform,
                decimal_mark=self.sheet.mark,
            )
        except MeasurementError as error:
            for fault in error.faults:
                self.sheet.fault(row, column, fault.code, fault.message)
            return None

    def _as_cytokines(self, row: Row, analyte: str) -> dict[str, str]:
        """A tidy row as `cytokines.csv` has it; blank cells take what the description says.

        A month is filled in only where no column has months: a blank one is a fault.
        """
        declared, unit = declared_of(analyte, self.config), column_unit(analyte, self.config)
        filled = {
            "unit": unit or "",
            "lloq": self._written(declared.lloq),
            "uloq": self._written(declared.uloq),
            "platform": self.described.platform or "",
        }
        filled |= {name: cell for name, cell in row.cells.items() if cell}
        known = self.analytes.find(analyte)
        if known is not None and known.scale == "as_is":
            filled["unit"] = ""
        month = row["month"] if "month" in row.cells else "0"
        return filled | {"analyte": analyte, "month": month}

    def _written(self, limit: float | None) -> str:
        """A limit in the table's decimal mark, never with exactly three digits after it."""
        if limit is None:
            return ""
        plain = repr(limit)
        text = plain if "e" in plain else f"{plain}0"
        return text.replace(".", ",") if self.sheet.mark == "comma" else text
