"""Files changed at random: the readers answer with faults or with a cohort, and never otherwise."""

import importlib.util
from pathlib import Path
from typing import Any
from xml.parsers.expat import ExpatError

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.analytes import study_analytes
from data.errors import CohortFault, TableError
from data.sources.cohort_folder import read_folder
from data.sources.provenance_file import read_provenance
from data.tables.binary_table_child import RefusedError, sheet_faults, unpacked
from data.tables.delimited import read_delimited

ONE_FOLDER = [HealthCheck.function_scoped_fixture]
IN_PROCESS = settings(max_examples=250, suppress_health_check=ONE_FOLDER)
IN_A_CHILD = settings(max_examples=8, suppress_health_check=ONE_FOLDER)
"""Each of these starts a process."""


def load(name: str) -> Any:
    """A module of the corpus; `tests` is no package."""
    path = Path(__file__).parents[1] / "corpus" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


corpus = load("binary_cohorts")
TABLE = corpus.cohorts.SINGLE.encode()
WORKBOOK = corpus.xlsx.workbook(corpus.xlsx.Sheet(corpus.ROWS))
PARQUET = corpus.parquet_bytes(corpus.columns())
SHEET = corpus.xlsx.sheet_xml(corpus.xlsx.Sheet(corpus.ROWS), []).encode()


def mutations(good: bytes) -> st.SearchStrategy[bytes]:
    """A good file with some bytes changed, left out or put in, or cut off."""
    change = st.tuples(
        st.integers(0, len(good)), st.integers(0, 4), st.binary(max_size=4)
        | st.sampled_from([b"\0", b"\xff", b",", b";", b'"', b"\n", b"\r", b"=", b"-", b"NA"]),
    )  # fmt: skip

    def changed(changes: list[tuple[int, int, bytes]]) -> bytes:
        content = good
        for place, length, put in changes:
            content = content[:place] + put + content[place + length :]
        return content

    return st.lists(change, min_size=1, max_size=4).map(changed) | st.integers(
        0, len(good)
    ).map(lambda length: good[:length])  # fmt: skip


def answer(path: Path, content: bytes) -> None:
    """Read a single table; there are patients, or faults in sentences without a value."""
    path.write_bytes(content)
    cohort, faults = read_folder(path, study_analytes())
    assert cohort.patients or faults
    assert all(isinstance(fault, CohortFault) and fault.message for fault in faults)
    assert corpus.MARKER not in " ".join(fault.message for fault in faults)


@IN_PROCESS
@given(content=mutations(TABLE) | mutations(TABLE.decode().encode("utf-16")))
def test_any_csv_is_a_cohort_or_has_faults(tmp_path: Path, content: bytes) -> None:
    answer(tmp_path / "trial.csv", content)


@IN_PROCESS
@given(st.binary(max_size=200))
def test_any_bytes_are_rows_or_refused(content: bytes) -> None:
    try:
        rows = read_delimited(content)
    except TableError:
        return
    assert all(number > 0 and isinstance(cells, list) for number, cells in rows)


@IN_PROCESS
@given(text=st.text(max_size=80) | mutations(TABLE).map(lambda b: b.decode("latin-1")))
def test_any_cell_is_read_or_has_a_fault(tmp_path: Path, text: str) -> None:
    quoted = text.replace('"', '""')
    for column in ("1.5", "pg/mL", "msd", "yes", "P-1,0"):
        answer(tmp_path / "trial.csv", TABLE.replace(column.encode(), f'"{quoted}"'.encode(), 1))


@IN_PROCESS
@given(content=mutations(b'{"simulated": true, "description": "made up"}'))
def test_any_provenance_is_read_or_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "cohort.json").write_bytes(content)
    faults: list[CohortFault] = []
    provenance = read_provenance(tmp_path, faults)
    assert isinstance(provenance.simulated, bool)
    assert not (faults and provenance.simulated)


@IN_PROCESS
@given(mutations(SHEET))
def test_any_sheet_is_walked_through_or_refused(content: bytes) -> None:
    try:
        found = sheet_faults(content)
    except (RefusedError, ExpatError, ValueError):
        return
    assert all(set(fault) == {"rule", "message", "row", "column"} for fault in found)


@IN_PROCESS
@given(mutations(WORKBOOK))
def test_any_archive_is_unpacked_within_limits_or_refused(content: bytes) -> None:
    try:
        parts = unpacked(content)
    except Exception:  # zipfile raises many kinds; the reading process ends with any of them
        return
    assert sum(map(len, parts.values())) <= 128 << 20


@IN_A_CHILD
@given(content=mutations(WORKBOOK))
def test_any_workbook_is_a_cohort_or_has_faults(tmp_path: Path, content: bytes) -> None:
    answer(tmp_path / "trial.xlsx", content)


@IN_A_CHILD
@given(content=mutations(PARQUET))
def test_any_parquet_file_is_a_cohort_or_has_faults(tmp_path: Path, content: bytes) -> None:
    answer(tmp_path / "trial.parquet", content)


@pytest.mark.parametrize("suffix", ["xlsx", "parquet"])
def test_the_files_that_are_changed_are_good(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"trial.{suffix}"
    path.write_bytes({"xlsx": WORKBOOK, "parquet": PARQUET}[suffix])
    cohort, faults = read_folder(path, study_analytes())
    assert (len(cohort.patients), faults) == (2, [])
