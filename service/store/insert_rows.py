"""Many rows with few statements, made by the driver alone.

SQLAlchemy takes several times as long over each row, and SQLite hands the interpreter to another
thread at each statement, which takes it back only when that thread lets go.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Connection, Table

_AT_ONCE: Final = 200
"""Rows of one statement (our choice); the rest of them are inserted one by one."""


def insert_rows(
    connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> None:
    """Insert rows whose values are as the driver wants them.

    Parameters
    ----------
    connection
        In a transaction.
    table, columns
        Where.
    rows
        A value for each of `columns`.

    Raises
    ------
    IntegrityError
        One of them breaks a rule of the database.
    """
    names, mark = tuple(columns), "?" if connection.dialect.name == "sqlite" else "%s"
    n_together = len(rows) - len(rows) % _AT_ONCE
    for begin in range(0, n_together, _AT_ONCE):
        values = tuple(value for row in rows[begin : begin + _AT_ONCE] for value in row)
        connection.exec_driver_sql(_statement(table.name, names, mark, _AT_ONCE), values)
    if rest := list(rows[n_together:]):
        connection.exec_driver_sql(_statement(table.name, names, mark, 1), rest)


@lru_cache(maxsize=16)
def _statement(table: str, columns: tuple[str, ...], mark: str, n_rows: int) -> str:
    """An insert of so many rows; names are those of our own tables."""
    row = f"({', '.join([mark] * len(columns))})"
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES {', '.join([row] * n_rows)}"  # noqa: S608
