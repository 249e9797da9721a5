"""What the rows of the cytokines' table mean, and every rule they can break.

Rows with a fault, and rows that contradict one another, are in no panel.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from data.analytes import AnalyteTable
from data.errors import MeasurementError
from data.measurement import Measurement, read_measurement
from data.panel import Panel
from data.tables.known_ids import KnownIds
from data.tables.sheet import Sheet
from data.tables.table import Row
from data.units import conversion

_ONE_PLATFORM: Final = "one platform per patient and analyte: levels differ between platforms"


@dataclass(frozen=True, slots=True)
class _Result:
    """A row whose cells can all be read."""

    row: Row
    patient_id: str
    month: float
    measurement: Measurement

    @property
    def of(self) -> tuple[str, str]:
        """Whose it is, and of which analyte."""
        return self.patient_id, self.measurement.analyte


def read_panels(
    sheet: Sheet, known: KnownIds | None, analytes: AnalyteTable
) -> dict[str, tuple[Panel, ...]]:
    """Panels by patient, in order of month."""
    if not sheet.table.rows:
        sheet.fault(None, "result", "no_rows", "the cytokines' table has no results")
    results: list[_Result] = []
    units: dict[str, str] = {}
    first: dict[tuple[tuple[str, str], float], Row] = {}
    platforms: dict[tuple[str, str], str | None] = {}
    for result in _results(sheet, known, analytes):
        row, platform = result.row, result.measurement.platform
        unit = units.setdefault(result.measurement.analyte, row["unit"])
        if row["unit"] != unit and conversion(row["unit"], to=unit) != (1, 1):
            message = "one unit per analyte: another row gives this analyte in another unit"
            sheet.fault(row, "unit", "mixed_units", message)
        earlier = first.setdefault((result.of, result.month), row)
        if earlier is not row:
            message = "one row per patient, month and analyte"
            sheet.repeated(row, earlier, "analyte", "duplicate_measurement", message)
        if platforms.setdefault(result.of, platform) != platform:
            sheet.fault(row, "platform", "two_platforms", _ONE_PLATFORM)
        results.append(result)
    _leave_out_two_platforms(sheet, results)
    return _panels(result for result in results if sheet.is_usable(result.row))


def _results(sheet: Sheet, known: KnownIds | None, analytes: AnalyteTable) -> Iterator[_Result]:
    """The rows that can be read, one by one; faults of the others are noted on the way."""
    for row in sheet.table.rows:
        patient_id = sheet.patient(row, known)
        month = sheet.month(row)
        measurement = _measurement(sheet, row, analytes)
        if patient_id is not None and month is not None and measurement is not None:
            yield _Result(row, patient_id, month, measurement)


def _measurement(sheet: Sheet, row: Row, analytes: AnalyteTable) -> Measurement | None:
    lloq, uloq = sheet.optional_number(row, "lloq"), sheet.optional_number(row, "uloq")
    cv_percent = sheet.optional_number(row, "cv_percent")
    if cv_percent is not None and cv_percent < 0:
        sheet.fault(row, "cv_percent", "negative_cv", "a coefficient of variation is 0 or more")
    if sheet.has_fault(row, "lloq", "uloq", "cv_percent"):
        return None
    try:
        return read_measurement(
            analytes,
            row["analyte"],
            row["result"],
            unit=row["unit"] or None,
            lloq=lloq,
            uloq=uloq,
            platform=sheet.text(row, "platform"),
            plate=sheet.text(row, "plate"),
            decimal_mark=sheet.mark,
        )
    except MeasurementError as error:
        for fault in error.faults:
            sheet.fault(row, fault.path.removeprefix("/"), fault.code, fault.message)
        return None


def _leave_out_two_platforms(sheet: Sheet, results: Sequence[_Result]) -> None:
    """Leave out every result of a patient's analyte that was measured on two platforms."""
    platforms: dict[tuple[str, str], set[str | None]] = defaultdict(set)
    for result in results:
        platforms[result.of].add(result.measurement.platform)
    for result in results:
        if len(platforms[result.of]) > 1:
            sheet.contradict(result.row, "platform", "two_platforms", _ONE_PLATFORM)


def _panels(results: Iterable[_Result]) -> dict[str, tuple[Panel, ...]]:
    specimens: dict[tuple[str, float], list[Measurement]] = defaultdict(list)
    for result in results:
        specimens[result.patient_id, result.month].append(result.measurement)
    panels: dict[str, tuple[Panel, ...]] = defaultdict(tuple)
    for (patient_id, month), found in sorted(specimens.items()):
        panels[patient_id] += (Panel(month, tuple(found)),)
    return panels
