"""Parquet files of panels, some rows at a time, and predictions written the same way.

Needs pyarrow, which comes with the extra `training`.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from data.errors import TableError
from data.identifier import is_identifier
from models.result_columns import Results
from models.scoring.answer_columns import COLUMNS, Label, flag_texts
from models.scoring.layout import Layout
from models.scoring.rows import AnsweredRows, Rows

ROWS: Final = 1 << 16
"""Read together (our choice)."""
_ALLOWED: Final = np.array([b < 128 and is_identifier("a" + chr(b)) for b in range(256)])
_FIRST: Final = np.array([b < 128 and is_identifier(chr(b)) for b in range(256)])


class ParquetPanels:
    """An open Parquet file; results are numbers or a laboratory's text.

    Raises
    ------
    TableError
        It is no Parquet file, or a column that is read holds neither text nor numbers.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._file = pq.ParquetFile(path, pre_buffer=False, buffer_size=1 << 20)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            raise _damaged() from error
        self.columns = tuple(self._file.schema_arrow.names)

    def rows(self, layout: Layout) -> Iterator[Rows]:
        """All rows, at most `ROWS` at a time."""
        self._check_types(layout)
        first = 2  # the header is row 1
        batches = self._file.iter_batches(ROWS, columns=list(layout.columns))
        while True:
            try:
                batch = next(batches)
            except StopIteration:
                return
            except (OSError, pa.ArrowException) as error:
                raise _damaged() from error
            if len(batch):
                yield _rows(layout, batch, first)
            first += len(batch)

    def _check_types(self, layout: Layout) -> None:
        for name in layout.columns:
            kind = self._file.schema_arrow.field(name).type
            if pa.types.is_dictionary(kind):
                kind = kind.value_type
            if not (_is_text(kind) or _is_number(kind) or pa.types.is_null(kind)):
                raise TableError("column_type", f"the column {name} must hold text or numbers")

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class ParquetPredictions:
    """A file of predictions that is being written; every group of rows as it comes."""

    def __init__(self, path: Path, label: Label) -> None:
        self._label = label
        kinds = [pa.string(), *[pa.float64()] * 4, pa.bool_(), _FLAGS, _FLAGS, pa.bool_()]
        self._schema = pa.schema(zip(COLUMNS, kinds, strict=True))
        self._writer = pq.ParquetWriter(
            path,
            self._schema,
            compression={"patient_id": "SNAPPY", "flags": "SNAPPY"},
            use_dictionary=["flags", "bundle_id"],
            store_schema=False,
        )

    def write(self, answered: AnsweredRows) -> None:
        """Add rows."""
        faulty = answered.faulty if answered.faulty.any() else None
        n_rows = len(answered.faulty)
        place, texts = flag_texts(answered.flags)
        ids = answered.rows.patient_id
        columns = [
            ids if answered.rows.known.all() else pa.array(_blanked(ids, answered.rows.known)),
            pa.array(answered.score, mask=faulty),
            pa.array(answered.probability, mask=faulty),
            pa.array(answered.lower, mask=faulty),
            pa.array(answered.upper, mask=faulty),
            pa.array(answered.responder, mask=faulty),
            pa.DictionaryArray.from_arrays(pa.array(place, mask=faulty), pa.array(texts)),
            pa.DictionaryArray.from_arrays(
                pa.array(np.zeros(n_rows, np.int16)), pa.array([self._label.bundle_id])
            ),
            pa.array(np.full(n_rows, self._label.simulated)),
        ]
        self._writer.write_batch(pa.record_batch(columns, schema=self._schema))

    def close(self) -> None:
        """Write the end of the file."""
        self._writer.close()


_FLAGS: Final = pa.dictionary(pa.int16(), pa.string())


def _rows(layout: Layout, batch: Any, first: int) -> Rows:
    ids = batch.column(layout.patient_id)
    ids = ids if pa.types.is_string(ids.type) else ids.cast(pa.string())
    return Rows(
        numbers=range(first, first + len(batch)),
        patient_id=ids,
        known=_are_identifiers(ids),
        results={key: _results(batch.column(name)) for key, name in layout.results.items()},
        facts={meaning: _cells(batch.column(name)) for meaning, name in layout.facts.items()},
        faults={},
    )


def _results(column: Any) -> Results:
    """Numbers as an array, null as NaN; texts as they are."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if _is_text(column.type):
        return column.to_pylist()  # type: ignore[no-any-return]
    if not pa.types.is_float64(column.type):
        column = column.cast(pa.float64(), safe=False)
    return column.to_numpy(zero_copy_only=False)  # type: ignore[no-any-return]


def _cells(column: Any) -> Sequence[Any]:
    """Cells of a fact, a single one where all are the same."""
    once = column.unique()
    cells = (once if len(once) == 1 else column).to_pylist()
    return [None if isinstance(cell, float) and cell != cell else cell for cell in cells]


def _are_identifiers(ids: Any) -> NDArray[np.bool_]:
    """Which texts are ids: the rule of `is_identifier`, on all bytes at once."""
    _, offsets_buffer, text_buffer = ids.buffers()
    offsets = np.frombuffer(offsets_buffer, np.int32)[ids.offset : ids.offset + len(ids) + 1]
    text = np.frombuffer(text_buffer or b"", np.uint8)
    lengths = np.diff(offsets)
    known: NDArray[np.bool_] = (lengths >= 1) & (lengths <= 64)
    known[known] = _FIRST[text[offsets[:-1][known]]]
    wrong = np.flatnonzero(~_ALLOWED[text[offsets[0] : offsets[-1]]]) + offsets[0]
    known[np.searchsorted(offsets, wrong, side="right") - 1] = False
    if ids.null_count:
        known &= ids.is_valid().to_numpy(zero_copy_only=False)
    return known


def _blanked(ids: Any, known: NDArray[np.bool_]) -> list[str | None]:
    return [text if good else None for text, good in zip(ids.to_pylist(), known, strict=True)]


def _is_text(kind: Any) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _is_number(kind: Any) -> bool:
    return bool(
        pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_decimal(kind)
    )


def _damaged() -> TableError:
    return TableError("not_parquet", "the file cannot be read as Parquet")
