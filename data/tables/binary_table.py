"""Parquet files and workbooks as cells, read in a process of their own with limits.

See `data/tables/binary_table_child.py` for the limits and for why.
"""

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

from data.errors import CohortError, CohortFault, TableError
from data.tables.delimited import Records

SECONDS: Final = 60
"""On the clock; the reading process has less on the processor's."""
_READER: Final = Path(__file__).with_name("binary_table_child.py")
_KINDS: Final = {".parquet": "a Parquet file", ".xlsx": "an XLSX workbook"}


def read_binary(path: Path, content: bytes) -> Records:
    """The rows of a Parquet file or workbook as text; the first is the header.

    Parameters
    ----------
    path
        Says by its suffix what `content` is; it is not opened.

    Raises
    ------
    TableError
        The content is not of its kind, or larger than any cohort's table.
    CohortError
        It holds what cannot be taken as a table: hidden or extra sheets, formulas, errors,
        merged or hidden cells; all are listed.
    """
    answer = _answer(path.suffix.lower(), content)
    if "missing" in answer:
        message = "reading this needs a library: pip install 'csf-responder[training]'"
        raise TableError("not_installed", message)
    header = answer["rows"][0][1] if answer["rows"] else []
    if answer["faults"]:
        raise CohortError(_fault(path.name, header, found) for found in answer["faults"])
    return [(number, cells) for number, cells in answer["rows"]]


def _answer(suffix: str, content: bytes) -> dict[str, Any]:
    """What the reading process says; one that died says nothing."""
    # -P: no file of the working folder or of ours can stand in for a library there.
    command = [sys.executable, "-P", str(_READER), suffix]
    slow = TableError("too_large", "the file takes too much time or memory to read")
    try:
        done = subprocess.run(  # noqa: S603
            command, input=content, capture_output=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise slow from None
    if done.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        raise slow
    if done.returncode != 0:
        message = f"the file cannot be read as {_KINDS[suffix]}, or not within the limits of one"
        raise TableError(f"not_{suffix[1:]}", message)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _fault(file: str, header: list[str], found: dict[str, Any]) -> CohortFault:
    """A fault that names its column as the header does, or by its letters where it does not."""
    column = found["column"]
    name = None
    if column is not None:
        named = header[column].strip() if column < len(header) and found["row"] != 1 else ""
        name = named if named.isprintable() and named else column_letters(column)
    return CohortFault(file, found["row"], name, found["rule"], found["message"])


def column_letters(column: int) -> str:
    """A column's name as a spreadsheet shows it.

    Examples
    --------
    >>> column_letters(0), column_letters(26)
    ('A', 'AA')
    """
    letters, number = "", column + 1
    while number:
        number, letter = divmod(number - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return letters
