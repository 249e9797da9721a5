"""One tidy table that holds a whole cohort: a row per patient, month and analyte.

It is the `cytokines` table with each patient's facts (`responder`, and where there are any
`arm`, `site`, covariates) repeated on their rows.
"""

from collections.abc import Sequence
from typing import Final

from data.tables.sheet import Sheet
from data.tables.table import Row, Table

SINGLE_TABLE_COLUMNS: Final = (
    *("patient_id", "month", "analyte", "result", "unit"),
    "responder",
)
PATIENT_FACTS: Final = ("arm", "site", "responder")
OF_MEASUREMENT: Final = frozenset(
    {"month", "analyte", "result", "unit", "lloq", "uloq", "platform", "plate", "cv_percent"}
)


def split_table(sheet: Sheet, facts: Sequence[str] = PATIENT_FACTS) -> Table:
    """The participants' table within a single table: each patient once, arm ``msc`` if unsaid.

    `facts` that differ between a patient's rows are noted as faults; other columns count as
    covariates where they never do.
    """
    table = sheet.table
    first: dict[str, Row] = {}
    varying = set()
    for row in table.rows:
        known = first.setdefault(row["patient_id"], row)
        for column in table.columns:
            if column in OF_MEASUREMENT or row[column] == known[column]:
                continue
            varying.add(column)
            if column in facts:
                message = f"{column} must be the same on all rows of a patient"
                sheet.repeated(row, known, column, "differs_within_patient", message)
    columns = [c for c in table.columns if c not in OF_MEASUREMENT and c not in varying - {*facts}]
    rows = (
        Row(row.number, {"arm": "msc"} | {name: row[name] for name in columns})
        for row in first.values()
    )
    return Table(table.file, ("arm", *(c for c in columns if c != "arm")), tuple(rows))
