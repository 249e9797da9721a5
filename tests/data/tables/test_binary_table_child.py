import importlib.util
import io
import subprocess
import sys
import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from data.tables import binary_table_child as child
from data.tables.binary_table_child import RefusedError, SheetWalk, sheet_faults, text, unpacked


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


@pytest.mark.parametrize(
    ("value", "written"),
    [(None, ""), (float("nan"), "NaN"), (True, "true"), (1.0, "1"), (0.1, "0.1"), (1e300, "1e+300"),
     (float("inf"), "inf"), ("0001", "0001"), (Decimal("1.50"), "1.50"), (date(2024, 3, 1),
     "2024-03-01"), (2.0**60, "1.152921504606847e+18")],
)  # fmt: skip
def test_a_cell_is_written_as_a_csv_would_hold_it(value: object, written: str) -> None:
    assert text(value) == written


@pytest.mark.parametrize(
    ("cells", "rule"),
    [
        ('<row r="1048576"/>', "too_large"),
        ('<row><c r="XFD1"/></row>', "too_large"),
        ('<row><c r="xfd1"/></row>', "too_large"),
        ('<row r="200000"><c r="A200000"/></row><row r="1"><c r="Z1"/></row>', "too_large"),
    ],
)
def test_a_sheet_that_reaches_too_far_is_refused_before_it_is_read(cells: str, rule: str) -> None:
    with pytest.raises(RefusedError) as caught:
        sheet_faults(f"<worksheet><sheetData>{cells}</sheetData></worksheet>".encode())
    assert caught.value.fault["rule"] == rule


@pytest.mark.parametrize(
    "xml",
    [
        '<cols><col min="2" width="0"/></cols>',
        '<cols><col min="2" hidden="true"/></cols>',
        '<sheetData><row ht="0"/></sheetData>',
        '<x:sheetData xmlns:x="u"><x:row hidden="1"/></x:sheetData>',
    ],
)
def test_what_nobody_sees_is_a_fault_however_it_is_hidden(xml: str) -> None:
    (fault,) = sheet_faults(f"<worksheet>{xml}</worksheet>".encode())
    assert fault["rule"] == "hidden_cells"


def test_only_cells_hold_formulas() -> None:
    other = "<worksheet><sheetData/><extLst><f>A1</f></extLst></worksheet>"
    assert sheet_faults(other.encode()) == sheet_faults(b"<chart><f>A1</f></chart>") == []


def test_faults_of_a_sheet_end_somewhere() -> None:
    cells = "<row>" + "<c><f>1</f></c>" * 999 + "</row>"
    found = sheet_faults(f"<worksheet><sheetData>{cells * 2}</sheetData></worksheet>".encode())
    assert len(found) == child.MAX_FAULTS + 1
    assert found[1] == child.fault("formula", str(found[1]["message"]), 1, 1)


def test_a_cell_without_a_reference_stands_after_the_one_before() -> None:
    walk = SheetWalk()
    walk.start("sheetData", {})
    for name, attributes in [
        ("row", {"r": "3"}),
        ("c", {"r": "B3"}),
        ("c", {}),
        ("row", {}),
        ("c", {}),
    ]:
        walk.start(name, attributes)
    assert (walk.row, walk.column, walk.last_row, walk.last_column) == (4, 1, 4, 3)


def test_an_archive_is_unpacked_within_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    content = xlsx.zipped({"a.xml": "x" * 1000, "b.bin": "y"})
    assert unpacked(content) == {"a.xml": b"x" * 1000}
    monkeypatch.setattr(child, "MAX_UNPACKED", 1000)
    with pytest.raises(RefusedError, match="unpacks to more"):
        unpacked(content)


def test_an_archive_has_each_part_once_whatever_the_case() -> None:
    with pytest.raises(RefusedError, match="one twice"):
        unpacked(xlsx.zipped({"xl/a.xml": "1", "xl/A.xml": "2"}))


def test_a_part_that_unpacks_to_more_than_it_declares_is_never_taken(tmp_path: Path) -> None:
    content = bytearray(xlsx.zipped({"a.xml": "x" * 1000}))
    place = content.find(b"PK\x01\x02") + 24
    content[place : place + 4] = (10).to_bytes(4, "little")
    with pytest.raises(zipfile.BadZipFile):
        unpacked(bytes(content))


def test_limits_are_lowered_and_never_raised() -> None:
    lowered = (
        "import resource; from data.tables.binary_table_child import limit;"
        "[limit(resource.RLIMIT_CORE, most) for most in (7, 1000)];"
        "print(resource.getrlimit(resource.RLIMIT_CORE))"
    )
    command = [sys.executable, "-c", lowered]
    done = subprocess.run(command, capture_output=True, check=True, text=True, timeout=60)
    soft, hard = done.stdout.strip("()\n").split(", ")
    assert int(soft) == int(hard) <= 7


def test_an_archive_is_packed_again_with_what_was_checked() -> None:
    again = child.repacked({"a.xml": b"1"})
    assert zipfile.ZipFile(io.BytesIO(again)).namelist() == ["a.xml"]
