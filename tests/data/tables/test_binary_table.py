import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from data.errors import CohortError, TableError
from data.tables import binary_table
from data.tables.binary_table import column_letters, read_binary

CHILD = Path(binary_table.__file__).with_name("binary_table_child.py")
WITHOUT = f"""
import runpy, sys
sys.modules["pyarrow"] = sys.modules["python_calamine"] = None
sys.argv = ["", sys.argv[1]]
runpy.run_path({str(CHILD)!r}, run_name="__main__")
"""


def load(name: str) -> Any:
    """A module of the corpus; `tests` is no package."""
    path = Path(__file__).parents[2] / "corpus" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


xlsx = load("xlsx")
ROWS = [["id", "x"], ["0001", 1.5], [None, None], ["NA", True]]


@pytest.mark.parametrize("how", [{}, {"shared": True}, {"prefix": "x"}, {"references": False}])
def test_a_workbook_reads_as_the_text_a_csv_would_hold(how: dict[str, Any]) -> None:
    rows = ROWS[:2] + ROWS[3:]
    content = xlsx.workbook(xlsx.Sheet(rows, **how))
    expected = [(1, ["id", "x"]), (2, ["0001", "1.5"]), (3, ["NA", "true"])]
    assert read_binary(Path("t.xlsx"), content) == expected


def test_rows_of_a_workbook_keep_their_numbers() -> None:
    content = xlsx.workbook(xlsx.Sheet(ROWS))
    assert read_binary(Path("t.xlsx"), content)[3] == (4, ["NA", "true"])


def test_faults_of_a_workbook_name_row_and_column_all_at_once() -> None:
    rows = [["id", "x"], ["1", xlsx.Formula("1+1", "2")], [xlsx.Failure("#REF!"), "3"]]
    with pytest.raises(CohortError) as caught:
        read_binary(Path("t.xlsx"), xlsx.workbook(xlsx.Sheet(rows, hidden_rows=[3])))
    found = [(fault.row, fault.column, fault.rule) for fault in caught.value.faults]
    assert found == [(2, "x", "formula"), (3, None, "hidden_cells"), (3, "id", "error_cell")]


@pytest.mark.parametrize("suffix", [".xlsx", ".parquet"])
def test_what_is_not_of_its_kind_is_refused_by_its_name(suffix: str) -> None:
    with pytest.raises(TableError) as caught:
        read_binary(Path(f"t{suffix}"), b"id,x\n1,2\n")
    assert caught.value.rule == f"not_{suffix[1:]}"


def test_a_file_that_takes_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binary_table, "SECONDS", 0.001)
    with pytest.raises(TableError) as caught:
        read_binary(Path("t.parquet"), b"")
    assert caught.value.rule == "too_large"


@pytest.mark.parametrize("suffix", [".xlsx", ".parquet"])
def test_without_its_library_the_answer_is_what_is_missing(suffix: str) -> None:
    command = [sys.executable, "-c", WITHOUT, suffix]
    done = subprocess.run(command, input=b"PK", capture_output=True, check=False, timeout=60)
    assert "missing" in json.loads(done.stdout)


def test_the_reading_process_can_write_no_file(tmp_path: Path) -> None:
    script = CHILD.read_text().replace(
        "    json.dump(", "    open('new', 'w').write('x')\n    json.dump("
    )
    (tmp_path / "child.py").write_text(script)
    command = [sys.executable, "-P", str(tmp_path / "child.py"), ".xlsx"]
    subprocess.run(command, input=b"", capture_output=True, check=False, timeout=60, cwd=tmp_path)
    assert (tmp_path / "new").stat().st_size == 0


@pytest.mark.parametrize(("column", "name"), [(0, "A"), (25, "Z"), (26, "AA"), (16383, "XFD")])
def test_columns_are_named_as_a_spreadsheet_names_them(column: int, name: str) -> None:
    assert column_letters(column) == name
