"""A table of results: its cells as numbers, written as HTML for people and CSV for programs."""

import csv
import io
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from analysis.estimate import Estimate
from charts.parts import part

Cell = str | int | float | bool | Estimate | None
Kind = Literal["text", "integer", "number", "p", "percent", "scientific", "estimate"]

NOTHING: Final = "\N{EN DASH}"
"""What stands for a number that there is not."""
_SMALLEST_P: Final = 0.001


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes
    ----------
    key
        Name of the column in CSV and of its cells.
    label
        Heading for people, with the unit.
    kind
        ``percent`` takes a proportion of 0 to 1; ``estimate`` an `Estimate`, shown as
        ``2.98 (1.48 to 4.47)`` and written to CSV as three columns.
    digits
        Decimals that people see; CSV has all of them.
    """

    key: str
    label: str
    kind: Kind = "text"
    digits: int = 2

    def shown(self, cell: Cell) -> str:
        """The cell as people read it.

        Examples
        --------
        >>> Column("p", "p", "p").shown(0.00002), Column("p", "p", "p").shown(0.0182)
        ('<0.001', '0.018')
        >>> Column("rate", "responders", "percent", 0).shown(0.625)
        '62 %'
        """
        if cell is None or (isinstance(cell, float) and math.isnan(cell)):
            return NOTHING
        if isinstance(cell, Estimate):
            numbers = (self._number(part) for part in (cell.value, cell.lower, cell.upper))
            return "{} ({} to {})".format(*numbers)
        if isinstance(cell, bool):
            return "yes" if cell else "no"
        if isinstance(cell, str):
            return cell
        return self._number(cell)

    def _number(self, value: float) -> str:
        if math.isinf(value):
            return "infinite" if value > 0 else "-infinite"
        if self.kind == "p":
            return f"<{_SMALLEST_P}" if value < _SMALLEST_P else f"{value:.3f}"
        if self.kind == "percent":
            return f"{_rounded(100 * value, self.digits)} %"
        if self.kind == "scientific":
            return f"{value:.{self.digits}e}"
        if self.kind == "integer":
            return str(int(value))
        return _rounded(value, self.digits)

    @property
    def is_numeric(self) -> bool:
        """Whether its cells stand at the right."""
        return self.kind != "text"


def _rounded(value: float, digits: int) -> str:
    """Without a minus in front of nothing: -0.001 to two decimals is 0.00."""
    text = f"{value:.{digits}f}"
    return text.removeprefix("-") if float(text) == 0 else text


@dataclass(frozen=True, slots=True)
class Table:
    """Results in rows; each row has a cell (or None) for each column's key.

    Attributes
    ----------
    name
        File name of its CSV, without the ending.
    note
        What a reader must know beside the numbers: method, n, direction.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Mapping[str, Cell], ...]
    note: str = ""

    def shown(self) -> Iterator[list[tuple[Column, str]]]:
        """Each row's cells as people read them."""
        for row in self.rows:
            yield [(column, column.shown(row.get(column.key))) for column in self.columns]

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        return part("table_html", self)

    def csv(self) -> str:
        r"""Every number in full; an estimate in columns of value, lower and upper limit.

        Text that a spreadsheet would take for a formula is led by an apostrophe.

        Examples
        --------
        >>> Table("n", "N", (Column("arm", "Arm"),), ({"arm": "=1+1"},)).csv()
        "arm\n'=1+1\n"
        """
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow([name for column in self.columns for name in _csv_names(column)])
        for row in self.rows:
            writer.writerow([cell for column in self.columns for cell in _csv_cells(column, row)])
        return text.getvalue()


def _csv_names(column: Column) -> list[str]:
    if column.kind != "estimate":
        return [column.key]
    return [column.key, f"{column.key}_lower", f"{column.key}_upper"]


def _csv_cells(column: Column, row: Mapping[str, Cell]) -> list[str]:
    cell = row.get(column.key)
    if isinstance(cell, Estimate):
        return [repr(float(part)) for part in (cell.value, cell.lower, cell.upper)]
    n_cells = len(_csv_names(column))
    return [_csv_text(cell), *[""] * (n_cells - 1)]


def _csv_text(cell: str | int | float | bool | None) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
    return repr(float(cell)) if isinstance(cell, float) else str(cell)
