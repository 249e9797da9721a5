"""Outcomes that a table states in words: who counts as responder, as not, or as neither."""

from collections.abc import Sequence

from data.measurement import MISSING_TEXTS
from data.sources.table_config import TableConfig, comparable
from data.tables.sheet import Sheet
from data.tables.table import Row

COLUMN = "outcome"


def read_outcomes(
    sheet: Sheet, rows: Sequence[Row], described: TableConfig
) -> dict[int, bool | None]:
    """What each row states, by row number; None is not evaluable.

    Words are compared without case; blank and `NA` say nothing unless the description names
    them. Without `negative`, the only other word there is counts as that.
    """
    meaning = _meaning(described)
    stated = {comparable(row[COLUMN]) for row in rows}
    others = stated - meaning.keys()
    if described.negative is None and len(others) == 1:
        meaning |= dict.fromkeys(others, False)
    found = {meaning.get(word) for word in stated}
    if True not in found:
        words = ", ".join(described.positive)
        message = f"no row has an outcome that counts as responder (`positive`: {words})"
        sheet.fault(None, COLUMN, "positive_not_found", message)
    elif described.negative is None and len(others) > 1:
        message = (
            f"the outcome has {len(others)} words beside `positive`: put each into `negative` "
            "or `not_evaluable`"
        )
        sheet.fault(None, COLUMN, "not_two_classes", message)
    elif False not in found:
        message = "no row has an outcome that counts as non-responder"
        sheet.fault(None, COLUMN, "negative_not_found", message)
    if described.negative is not None:
        _refuse_others(sheet, rows, meaning)
    return {row.number: meaning.get(comparable(row[COLUMN])) for row in rows}


def _meaning(described: TableConfig) -> dict[str, bool | None]:
    """What each known word means."""
    meaning: dict[str, bool | None] = dict.fromkeys(MISSING_TEXTS)
    meaning |= dict.fromkeys(map(comparable, described.not_evaluable))
    meaning |= dict.fromkeys(map(comparable, described.negative or ()), False)
    return meaning | dict.fromkeys(map(comparable, described.positive), True)


def _refuse_others(sheet: Sheet, rows: Sequence[Row], meaning: dict[str, bool | None]) -> None:
    message = "this outcome is in none of `positive`, `negative`, `not_evaluable`"
    for row in rows:
        if comparable(row[COLUMN]) not in meaning:
            sheet.fault(row, COLUMN, "unknown_outcome", message)
