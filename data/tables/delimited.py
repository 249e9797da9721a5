"""Delimited text (CSV) as cells: which encoding, which separator, which rows.

UTF-8 (with or without its mark), UTF-16 and Windows-1252 (Latin-1 with quotes and dashes);
comma, semicolon or tab. What fits none of these exactly is refused, never guessed at.
"""

import csv
import io
import re
from collections.abc import Iterator
from typing import Final

from data.errors import TableError
from data.tables.binary_table_child import MAX_CELLS, MAX_COLUMNS, MAX_ROWS

SEPARATORS: Final = (",", ";", "\t")
_SEPARATOR_LINE = re.compile(r'"?sep=([,;\t])"?\r?\n?', re.IGNORECASE)
"""The first line with which Excel is told the separator."""

_UTF8_SEQUENCE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}")
_LONGEST_HEADER: Final = 1 << 20

Records = list[tuple[int, list[str]]]
"""Rows with their numbers as a spreadsheet counts them."""


def read_delimited(content: bytes) -> Records:
    """The rows of a delimited text that hold anything, and the first: it is the header.

    Raises
    ------
    TableError
        Not text in an accepted encoding, not CSV, or larger than any cohort's table, with the
        row where there is one.
    """
    if content.startswith(b"PK\x03\x04"):
        raise TableError(
            "not_text", "this is a workbook or archive: name it .xlsx, or save it as CSV"
        )
    text = decode(content)
    told = _SEPARATOR_LINE.match(text)
    body = text[told.end() :] if told else text
    rows: Records = []
    n_cells = 0
    for number, cells in _rows(body, told[1] if told else _separator(body), 2 if told else 1):
        if rows and not any(cells):
            continue
        rows.append((number, cells))
        n_cells += len(cells)
        if len(cells) > MAX_COLUMNS or len(rows) > MAX_ROWS or n_cells > MAX_CELLS:
            raise TableError("too_large", "the table is larger than any cohort's", number)
    return rows


def _rows(text: str, separator: str, first: int) -> Iterator[tuple[int, list[str]]]:
    """All rows with their numbers, the first of them `first`."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    number = first - 1
    try:
        for number, cells in enumerate(reader, start=first):
            yield number, cells
    except csv.Error:
        message = "the row cannot be read as CSV: an unbalanced quote, or a cell too long"
        raise TableError("not_csv", message, number + 1) from None


def decode(content: bytes) -> str:
    r"""Text of a file in the one accepted encoding that fits it.

    Raises
    ------
    TableError
        None fits, or two are mixed.

    Examples
    --------
    >>> decode("TGF-β1".encode("utf-16")), decode(b"\xb5g/L")
    ('TGF-β1', 'µg/L')
    """
    encoding = _encoding(content)
    try:
        return content.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError:
        pass
    if encoding == "utf-8" and _UTF8_SEQUENCE.search(content):
        message = "the file mixes UTF-8 with another encoding; save it again as UTF-8"
        raise TableError("mixed_encoding", message)
    try:
        return content.decode("cp1252" if encoding == "utf-8" else encoding)
    except UnicodeDecodeError:
        message = "the file is no text in UTF-8, UTF-16 or Latin-1; save it again as UTF-8"
        raise TableError("not_text", message) from None


def _encoding(content: bytes) -> str:
    """What the first bytes say; ASCII text in UTF-16 without its mark shows by its zeros."""
    if content[:4] in (b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff"):
        raise TableError("not_text", "UTF-32 is not read; save the file again as UTF-8")
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    zeros = "".join("0" if byte == 0 else "x" for byte in content[:2])
    return {"x0": "utf-16-le", "0x": "utf-16-be"}.get(zeros, "utf-8")


def _separator(text: str) -> str:
    """The separator that cuts the header into the most cells."""
    start = text[:_LONGEST_HEADER]
    return max(SEPARATORS, key=lambda separator: len(_header(start, separator)))


def _header(text: str, separator: str) -> list[str]:
    try:
        return next(csv.reader(io.StringIO(text, newline=""), delimiter=separator), [])
    except csv.Error:
        return []
