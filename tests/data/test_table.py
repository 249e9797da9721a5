import sys
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest

from data.errors import CohortError
from data.table import Row, find_table, read_table


def csv_file(folder: Path, content: str | bytes) -> Path:
    path = folder / "t.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def parquet_file(folder: Path, **columns: Any) -> Path:
    path = folder / "t.parquet"
    pyarrow.parquet.write_table(pyarrow.table(columns), path)
    return path


def rules(path: Path) -> list[tuple[int | None, str]]:
    with pytest.raises(CohortError) as caught:
        read_table(path)
    assert {fault.file for fault in caught.value.faults} == {path.name}
    return [(fault.row, fault.rule) for fault in caught.value.faults]


def test_cells_are_kept_as_text_without_outer_spaces(tmp_path: Path) -> None:
    table = read_table(csv_file(tmp_path, "id , result\n0001, <3.2 \nNA,\n"))
    assert table.columns == ("id", "result")
    assert table.rows[0] == Row(2, {"id": "0001", "result": "<3.2"})
    assert table.rows[1] == Row(3, {"id": "NA", "result": ""})


def test_a_column_that_is_not_there_reads_as_empty(tmp_path: Path) -> None:
    assert read_table(csv_file(tmp_path, "id\n1\n")).rows[0]["unit"] == ""


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_all_line_ends_and_a_byte_order_mark_are_read(tmp_path: Path, end: str) -> None:
    path = csv_file(tmp_path, b"\xef\xbb\xbf" + end.join(["id,x", "1,2", ""]).encode())
    assert read_table(path).rows == (Row(2, {"id": "1", "x": "2"}),)


def test_rows_are_counted_as_a_spreadsheet_counts_them(tmp_path: Path) -> None:
    path = csv_file(tmp_path, 'id,note\n1,"two\nlines"\n\n , \n,\n2,x\n3,"a ""quoted"" word"\n')
    assert [row.number for row in read_table(path).rows] == [2, 6, 7]
    assert read_table(path).rows[0]["note"] == "two\nlines"
    assert read_table(path).rows[2]["note"] == 'a "quoted" word'


@pytest.mark.parametrize("content", ["", "\n", "\n1,2\n", ",,\n1,2,3\n", " \n"])
def test_a_table_without_column_names_is_refused(tmp_path: Path, content: str) -> None:
    assert rules(csv_file(tmp_path, content)) == [(None, "no_header")]


@pytest.mark.parametrize("header", ["id,id", "id, id ", "id,x,,"])
def test_a_column_named_twice_is_refused(tmp_path: Path, header: str) -> None:
    assert rules(csv_file(tmp_path, f"{header}\n")) == [(None, "duplicate_column")]


@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_another_separator_than_commas_is_named(tmp_path: Path, separator: str) -> None:
    content = f"id{separator}x\n1{separator}0,5\n"
    assert rules(csv_file(tmp_path, content)) == [(None, "not_comma")]


def test_every_ragged_row_is_listed(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "id,x\n1\n1,2\n1,2,3\n")
    assert rules(path) == [(2, "ragged_row"), (4, "ragged_row")]


@pytest.mark.parametrize(
    "content",
    [
        b"id,x\n1,\xe4\n",
        b"id,x\n1,\x00\n",
        "id,x\n1,2\n".encode("utf-16"),
        "id,x\n1,2\n".encode("utf-16-le"),
    ],
)
def test_what_is_not_utf8_text_is_refused(tmp_path: Path, content: bytes) -> None:
    assert rules(csv_file(tmp_path, content)) == [(None, "not_utf8")]


@pytest.mark.parametrize(
    "broken", ['1,"open\n2,x\n3,y', '1,"closed"early"', "1," + "x" * 10_000_000]
)
def test_a_row_that_is_no_csv_is_named(tmp_path: Path, broken: str) -> None:
    path = csv_file(tmp_path, f"id,note\n0,fine\n{broken}\n")
    assert rules(path) == [(3, "not_csv")]


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_a_file_that_cannot_be_opened_is_refused(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"t{suffix}"
    path.mkdir()
    assert rules(path) == [(None, "not_readable" if suffix == ".csv" else "not_parquet")]


def test_parquet_reads_as_the_text_a_csv_would_hold(tmp_path: Path) -> None:
    path = parquet_file(
        tmp_path, id=["0001", None], n=[1, 2], x=[0.5, float("nan")], yes=[True, None]
    )
    first, second = read_table(path).rows
    assert first == Row(2, {"id": "0001", "n": "1", "x": "0.5", "yes": "True"})
    assert second == Row(3, {"id": "", "n": "2", "x": "", "yes": ""})


def test_empty_rows_of_parquet_are_left_out_like_those_of_csv(tmp_path: Path) -> None:
    path = parquet_file(tmp_path, id=["1", None, "", "2"], x=[1, None, None, 2])
    assert [row.number for row in read_table(path).rows] == [2, 5]


def test_parquet_reads_nothing_from_the_names_of_its_folders(tmp_path: Path) -> None:
    folder = tmp_path / "month=3"
    folder.mkdir()
    assert read_table(parquet_file(folder, id=["1"])).columns == ("id",)


@pytest.mark.parametrize(
    "content", [b"", b"PAR1", b"id,x\n1,2\n", b"PAR1" + b"\xff" * 99 + b"PAR1"]
)
def test_what_is_no_parquet_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "t.parquet"
    path.write_bytes(content)
    assert rules(path) == [(None, "not_parquet")]


@pytest.mark.parametrize(
    "array",
    [
        pyarrow.array([2**60], pyarrow.timestamp("ms")),
        pyarrow.BinaryArray.from_pandas([b"\xff\xfe"]).view(pyarrow.string()),
    ],
    ids=["the far future", "no UTF-8"],
)
def test_parquet_values_that_python_cannot_hold_are_refused(tmp_path: Path, array: Any) -> None:
    assert rules(parquet_file(tmp_path, id=array)) == [(None, "not_parquet")]


def test_parquet_with_a_column_named_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    twice = pyarrow.Table.from_arrays([pyarrow.array(["1"])] * 2, names=["id", "id"])
    pyarrow.parquet.write_table(twice, path)
    assert rules(path) == [(None, "duplicate_column")]


def test_parquet_without_pyarrow_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = parquet_file(tmp_path, id=["1"])
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(CohortError, match="pip install") as caught:
        read_table(path)
    assert caught.value.faults[0].rule == "parquet_not_installed"


def test_find_table_takes_csv_or_parquet_but_not_both(tmp_path: Path) -> None:
    assert find_table(tmp_path, "t") is None
    parquet = parquet_file(tmp_path, id=["1"])
    assert find_table(tmp_path, "t") == parquet
    csv_file(tmp_path, "id\n1\n")
    with pytest.raises(CohortError, match="keep one") as caught:
        find_table(tmp_path, "t")
    assert caught.value.faults[0].rule == "two_files"


def test_a_directory_or_a_dangling_link_is_no_table(tmp_path: Path) -> None:
    (tmp_path / "t.csv").mkdir()
    (tmp_path / "t.parquet").symlink_to(tmp_path / "nowhere")
    assert find_table(tmp_path, "t") is None
