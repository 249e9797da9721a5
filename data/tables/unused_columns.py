"""Columns and files that nobody reads: perhaps a name was misspelt."""

import difflib
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final

from data.errors import CohortFault
from data.tables.table import SUFFIXES, Table, plain_name

_CLOSE: Final = 0.75
"""Least likeness of a misspelt name (our choice): `loq` is .86 like `lloq`."""


def unused_columns(
    table: Table, known: Collection[str], *, others_are_kept: bool = False
) -> Iterator[CohortFault]:
    """Warnings about the columns of a table that have no meaning.

    Parameters
    ----------
    known
        Columns with a meaning.
    others_are_kept
        Others are covariates; then only those that look like a misspelt name are listed.
    """
    unused = set(known) - set(table.columns)
    for column in table.columns:
        if column in known:
            continue
        close = difflib.get_close_matches(plain_name(column), sorted(unused), 1, _CLOSE)
        if close or not others_are_kept:
            message = "this column is not read" + (f"; is it {close[0]}?" if close else "")
            yield CohortFault(table.file, None, column, "unused_column", message)


def unused_files(folder: Path, stems: Collection[str]) -> Iterator[CohortFault]:
    """Warnings about files that look like a misspelt table of a cohort."""
    for path in sorted(folder.iterdir()):
        name = plain_name(path.stem)
        close = difflib.get_close_matches(name, sorted(stems), 1, _CLOSE)
        if path.suffix.lower() in SUFFIXES and name not in stems and close:
            message = f"this file is not read; is it {close[0]}?"
            yield CohortFault(path.name, None, None, "unused_file", message)
