"""Kinds of files that panels come in and predictions go to, by suffix."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final, Protocol

from data.errors import CsfError
from data.tables.table import DELIMITED
from models.scoring.answer_columns import Label
from models.scoring.csv_file import CsvPanels, CsvPredictions
from models.scoring.layout import Layout
from models.scoring.rows import AnsweredRows, Rows

PARQUET: Final = ".parquet"
SUFFIXES: Final = (*DELIMITED, PARQUET)


class Panels(Protocol):
    """An open file of panels."""

    columns: tuple[str, ...]

    def rows(self, layout: Layout) -> Iterator[Rows]:
        """All rows, some at a time."""

    def close(self) -> None:
        """Close the file."""


class Predictions(Protocol):
    """A file of predictions that is being written."""

    def write(self, answered: AnsweredRows) -> None:
        """Add rows."""

    def close(self) -> None:
        """Write the end of the file."""


def open_panels(path: Path) -> Panels:
    """Open a file of panels by its suffix.

    Raises
    ------
    CsfError
        It is of no kind that is read, or the library that reads it is not installed.
    """
    if not path.is_file():
        raise CsfError(f"there is no file {path}")
    if path.suffix.lower() != PARQUET:
        return CsvPanels(path)
    try:
        from models.scoring.parquet_file import ParquetPanels
    except ModuleNotFoundError as error:
        message = "Parquet needs pyarrow, which is not installed: pip install"
        raise CsfError(f"{message} 'csf-responder[training]'") from error
    return ParquetPanels(path)


def new_predictions(panels: Panels, path: Path, label: Label) -> Predictions:
    """A new file of the panels' kind."""
    if isinstance(panels, CsvPanels):
        return CsvPredictions(path, label, separator=panels.separator)
    from models.scoring.parquet_file import ParquetPredictions

    return ParquetPredictions(path, label)
