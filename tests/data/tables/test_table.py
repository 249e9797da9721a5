import os
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest

from data.errors import CohortError
from data.tables.table import Row, find_table, read_table, with_known_names


def csv_file(folder: Path, content: str | bytes, name: str = "t.csv") -> Path:
    path = folder / name
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
    assert read_table(csv_file(tmp_path, "id,x\n1,2\n")).rows[0]["unit"] == ""


def test_rows_are_counted_as_a_spreadsheet_counts_them(tmp_path: Path) -> None:
    path = csv_file(tmp_path, 'id,note\n1,"two\nlines"\n\n , \n,\n2,x\n3,"a ""quoted"" word"\n')
    assert [row.number for row in read_table(path).rows] == [2, 6, 7]
    assert read_table(path).rows[0]["note"] == "two\nlines"
    assert read_table(path).rows[2]["note"] == 'a "quoted" word'


@pytest.mark.parametrize(
    "content", ["", "\n", "\n1,2\n", ",,\n1,2,3\n", " \n", "Study 1\n\nid,x\n"]
)
def test_a_table_without_column_names_is_refused(tmp_path: Path, content: str) -> None:
    assert rules(csv_file(tmp_path, content)) == [(1, "no_header")]


@pytest.mark.parametrize("header", ["id,id", "id, id ", "id,x,x"])
def test_a_column_named_twice_is_refused(tmp_path: Path, header: str) -> None:
    assert rules(csv_file(tmp_path, f"{header}\n")) == [(1, "duplicate_column")]


@pytest.mark.parametrize("name", ["=1+1", "@x", "a\u200bb", "\u202e", "x" * 101])
def test_a_name_that_could_do_harm_is_refused(tmp_path: Path, name: str) -> None:
    assert rules(csv_file(tmp_path, f"id,{name}\n1,2\n")) == [(1, "column_name")]


def test_spaces_and_line_breaks_within_a_name_become_one_space(tmp_path: Path) -> None:
    path = csv_file(tmp_path, '"patient\nid","the\u00a0unit",a  b\n1,2,3\n')
    assert read_table(path).columns == ("patient id", "the unit", "a  b")


@pytest.mark.parametrize("separator", ["|", "  ", ":"])
def test_a_table_of_one_column_is_refused(tmp_path: Path, separator: str) -> None:
    assert rules(csv_file(tmp_path, f"id{separator}x\n1{separator}2\n")) == [(None, "separator")]


def test_every_ragged_row_is_listed(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "id,x\n1\n1,2\n1,2,3\n")
    assert rules(path) == [(2, "ragged_row"), (4, "ragged_row")]


def test_of_many_ragged_rows_the_first_thousand_are_listed(tmp_path: Path) -> None:
    found = rules(csv_file(tmp_path, "id,x\n" + "1\n" * 5000))
    assert (len(found), found[-2], found[-1]) == (
        1001,
        (1001, "ragged_row"),
        (None, "more_faults"),
    )


@pytest.mark.parametrize("content", ["id,x,,\n1,2,,\n", "id,x,,\n1,2\n", "id,,x\n1,,2\n"])
def test_blank_columns_are_left_out(tmp_path: Path, content: str) -> None:
    assert read_table(csv_file(tmp_path, content)).rows[0].cells == {"id": "1", "x": "2"}


def test_a_cell_in_a_column_without_a_name_is_refused_by_its_letter(tmp_path: Path) -> None:
    with pytest.raises(CohortError) as caught:
        read_table(csv_file(tmp_path, "id,x,\n1,2,\n1,2,3\n"))
    (fault,) = caught.value.faults
    assert (fault.row, fault.column, fault.rule) == (3, "C", "unnamed_column")


@pytest.mark.parametrize("character", ["\0", "\x1b", "\x07", "\x7f"])
@pytest.mark.parametrize("write", ["csv", "parquet"])
def test_a_control_character_is_refused_by_row(tmp_path: Path, character: str, write: str) -> None:
    if write == "csv":
        path = csv_file(tmp_path, f"id,x\n1,2\n1,a{character}b\n")
    else:
        path = parquet_file(tmp_path, id=["1", "1"], x=["2", f"a{character}b"])
    assert rules(path) == [(3, "not_text")]


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".xlsx"])
@pytest.mark.parametrize("what", ["folder", "pipe", "loop", "nothing"])
def test_what_is_no_file_is_refused_and_never_waited_for(
    tmp_path: Path, suffix: str, what: str
) -> None:
    path = tmp_path / f"t{suffix}"
    if what == "folder":
        path.mkdir()
    elif what == "pipe":
        os.mkfifo(path)
    elif what == "loop":
        path.symlink_to(path)
    assert rules(path) == [(None, "not_a_file")]


def test_a_file_larger_than_any_cohorts_is_refused(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "id,x\n")
    os.truncate(path, 1 << 40)
    assert rules(path) == [(None, "too_large")]


def test_parquet_reads_as_the_text_a_csv_would_hold(tmp_path: Path) -> None:
    path = parquet_file(
        tmp_path, id=["0001", None], n=[1, 2], x=[0.5, float("nan")], yes=[True, None]
    )
    first, second = read_table(path).rows
    assert first == Row(2, {"id": "0001", "n": "1", "x": "0.5", "yes": "true"})
    assert second == Row(3, {"id": "", "n": "2", "x": "", "yes": ""})


def test_empty_rows_of_parquet_are_left_out_like_those_of_csv(tmp_path: Path) -> None:
    path = parquet_file(tmp_path, id=["1", None, "", "2"], x=[1, None, None, 2])
    assert [row.number for row in read_table(path).rows] == [2, 5]


def test_parquet_reads_nothing_from_the_names_of_its_folders(tmp_path: Path) -> None:
    folder = tmp_path / "month=3"
    folder.mkdir()
    assert read_table(parquet_file(folder, id=["1"], x=["2"])).columns == ("id", "x")


def test_find_table_takes_one_of_a_name_in_any_case(tmp_path: Path) -> None:
    assert find_table(tmp_path, "adverse_events") is None
    path = csv_file(tmp_path, "id,x\n1,2\n", name="Adverse Events.CSV")
    assert find_table(tmp_path, "adverse_events") == path
    csv_file(tmp_path, "id,x\n1,2\n", name="adverse_events.parquet")
    with pytest.raises(CohortError, match="keep one") as caught:
        find_table(tmp_path, "adverse_events")
    assert caught.value.faults[0].rule == "two_files"


def test_a_kind_of_file_that_is_not_read_is_named(tmp_path: Path) -> None:
    csv_file(tmp_path, "x", name="t.xls")
    with pytest.raises(CohortError, match="save it as") as caught:
        find_table(tmp_path, "t")
    assert caught.value.faults[0].rule == "format_not_read"


def test_known_names_are_found_in_any_case_and_spelling(tmp_path: Path) -> None:
    table = read_table(csv_file(tmp_path, "Patient-ID,CV  percent,Age\n1,2,3\n"))
    named = with_known_names(table, {"patient_id", "cv_percent"})
    assert named.columns == ("patient_id", "cv_percent", "Age")
    assert named.rows[0]["cv_percent"] == "2"


def test_an_alias_counts_only_where_the_name_is_not_there(tmp_path: Path) -> None:
    both = read_table(csv_file(tmp_path, "plate,batch\n1,2\n"))
    alone = read_table(csv_file(tmp_path, "id,Batch\n1,2\n"))
    aliases = {"batch": "plate"}
    assert with_known_names(both, {"plate"}, aliases).columns == ("plate", "batch")
    assert with_known_names(alone, {"plate"}, aliases).columns == ("id", "plate")


def test_two_columns_of_one_known_name_are_refused(tmp_path: Path) -> None:
    table = read_table(csv_file(tmp_path, "patient_id,Patient ID\n1,2\n"))
    with pytest.raises(CohortError) as caught:
        with_known_names(table, {"patient_id"})
    assert caught.value.faults[0].rule == "duplicate_column"
