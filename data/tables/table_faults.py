"""What keeps rows of cells from being a table: its shape, the names of its columns, its text."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

from data.errors import TableError
from data.tables.binary_table import column_letters
from data.tables.delimited import Records
from data.tables.formula_text import is_formula

MOST_FAULTS: Final = 1000
"""Listed of one table; whoever has more has one mistake many times."""
MORE_FAULTS: Final = f"only the first {MOST_FAULTS} faults are listed"
_LONGEST_NAME: Final = 100
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def table_faults(header: tuple[int, list[str]], records: Records) -> list[TableError]:
    """The faults of the first kind that is found; what follows from it would only confuse."""
    kinds = text_faults([header, *records]), shape_faults(header, records), name_faults(header)
    found = next(filter(None, (list(islice(kind, MOST_FAULTS + 1)) for kind in kinds)), [])
    if len(found) > MOST_FAULTS:
        found[MOST_FAULTS] = TableError("more_faults", MORE_FAULTS)
    return found


def shape_faults(header: tuple[int, list[str]], records: Records) -> Iterator[TableError]:
    """What keeps cells from standing under names of their own."""
    number, names = header
    named = [name for name in names if name]
    wide = any(sum(map(bool, cells)) > 1 for _, cells in records)
    if not named or (len(named) == 1 and wide):
        message = (
            "the first row must name the columns, separated by commas, semicolons or tabs; "
            "nothing may stand above it"
        )
        yield TableError("no_header", message, number)
    elif len(named) == 1:
        message = "the table has one column: separate cells by commas, semicolons or tabs"
        yield TableError("separator", message)
    else:
        yield from _ragged_rows(names, records)


def _ragged_rows(header: Sequence[str], records: Records) -> Iterator[TableError]:
    """Rows that fit neither the header nor the header without its blank end."""
    blank = [index for index, name in enumerate(header) if not name]
    width = max(index + 1 for index, name in enumerate(header) if name)
    for number, cells in records:
        unnamed = [index for index in blank if index < len(cells) and cells[index]]
        if len(cells) not in (len(header), width):
            message = f"the row has {len(cells)} cells where the header has {width}"
            yield TableError("ragged_row", message, number)
        elif unnamed:
            message = "a cell stands in a column without a name"
            yield TableError("unnamed_column", message, number, column_letters(unnamed[0]))


def name_faults(header: tuple[int, list[str]]) -> Iterator[TableError]:
    """Names of columns that are no names, or not a column's own."""
    number, names = header
    for name, count in Counter(filter(None, names)).items():
        if len(name) > _LONGEST_NAME or not name.isprintable() or is_formula(name):
            message = (
                f"a column's name is one line of at most {_LONGEST_NAME} characters that no "
                "spreadsheet would compute"
            )
            yield TableError("column_name", message, number, column_letters(names.index(name)))
        elif count > 1:
            message = "every column needs its own name"
            yield TableError("duplicate_column", message, number, name)


def text_faults(records: Records) -> Iterator[TableError]:
    """Control characters in any cell."""
    for number, cells in records:
        if _CONTROL.search("".join(cells)):
            column = next(i for i, cell in enumerate(cells) if _CONTROL.search(cell))
            message = "there is a control character in this cell"
            yield TableError("not_text", message, number, column_letters(column))
