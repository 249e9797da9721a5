"""CSV that a spreadsheet only shows: no text in it is a formula, and none is changed for good.

A text that begins with one of ``= + - @ '``, a tab or a carriage return gets a ``'`` in front;
whoever reads the file takes one leading ``'`` away. Numbers are written as they are.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

Cell = str | float | bool | None

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "'")
_MARK: Final = "\N{ZERO WIDTH NO-BREAK SPACE}"
"""By which spreadsheets know UTF-8."""


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    r"""The file, line by line (RFC 4180).

    Examples
    --------
    >>> list(csv_lines(["patient_id", "score"], [["=1+1", -0.5]]))[1]
    "'=1+1,-0.5\r\n"
    """
    yield _MARK + _line(header)
    for row in rows:
        yield _line([_safe(cell) for cell in row])


def _safe(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, str):
        return f"'{cell}" if cell.startswith(_FORMULA) else cell
    return repr(cell)


def read_cell(text: str) -> str:
    """The text that `csv_lines` was given.

    Examples
    --------
    >>> read_cell("'=1+1"), read_cell("P-1")
    ('=1+1', 'P-1')
    """
    return text.removeprefix("'")


def _line(cells: Sequence[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow(cells)
    return buffer.getvalue()
