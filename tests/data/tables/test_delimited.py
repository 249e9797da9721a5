import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import TableError
from data.tables.binary_table_child import MAX_COLUMNS, MAX_ROWS
from data.tables.delimited import SEPARATORS, decode, read_delimited

UNICODE = ("utf-8", "utf-8-sig", "utf-16")
ENCODINGS = (*UNICODE, "cp1252")


def tables(text: st.SearchStrategy[str]) -> st.SearchStrategy[list[list[str]]]:
    return st.lists(st.lists(text, min_size=3, max_size=3), min_size=1, max_size=4)


ANY_TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=8)
# Not every text of Windows-1252 can be told from UTF-8; words can.
WESTERN = st.text("abc ,;\"'\n\t09\u00e4\u00f6\u00df\u00e9", max_size=8)
WRITTEN = st.tuples(tables(ANY_TEXT), st.sampled_from(UNICODE)) | st.tuples(
    tables(WESTERN), st.just("cp1252")
)


def refusal(content: bytes) -> tuple[str, int | None]:
    with pytest.raises(TableError) as caught:
        read_delimited(content)
    return caught.value.rule, caught.value.row


@given(WRITTEN, st.sampled_from(SEPARATORS))
def test_a_table_reads_the_same_in_every_encoding_with_every_separator(
    written: tuple[list[list[str]], str], separator: str
) -> None:
    cells, encoding = written
    header, out = ["id", "m\u00e9s", "x"], io.StringIO()
    csv.writer(out, delimiter=separator, quoting=csv.QUOTE_ALL).writerows([header, *cells])
    found = read_delimited(out.getvalue().encode(encoding))
    filled = [row for row in cells if any(row)]
    assert [row for _, row in found] == [header, *filled]


@pytest.mark.parametrize("encoding", [*ENCODINGS, "utf-16-le", "utf-16-be", "latin-1"])
def test_text_is_decoded_from_what_laboratories_save(encoding: str) -> None:
    assert decode("id,\u00b5g/L\n".encode(encoding)) == "id,\u00b5g/L\n"


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"a,\xc4\n\xc3\x84,1\n", "mixed_encoding"),
        (b"a,\x81\n", "not_text"),
        ("a,b".encode("utf-16")[:-1], "not_text"),
        ("a,b".encode("utf-32"), "not_text"),
        (b"\xff\xfe\x00\xd8", "not_text"),
    ],
)
def test_what_fits_no_encoding_is_refused(content: bytes, rule: str) -> None:
    assert refusal(content) == (rule, None)


@pytest.mark.parametrize("line", ["sep=;\n", "sep=;\r\n", '"sep=;"\r\n', "SEP=;\r"])
def test_a_line_that_tells_the_separator_is_obeyed_and_counted(line: str) -> None:
    assert read_delimited(f"{line}a,b;c\n1;2\n".encode()) == [(2, ["a,b", "c"]), (3, ["1", "2"])]


def test_the_separator_is_the_one_that_cuts_the_header_into_most_cells() -> None:
    assert read_delimited(b'"a\n,b";c;d\n') == [(1, ["a\n,b", "c", "d"])]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_all_line_ends_are_read(end: str) -> None:
    assert read_delimited(end.join(["a,b", "1,2", ""]).encode()) == [
        (1, ["a", "b"]),
        (2, ["1", "2"]),
    ]


@pytest.mark.parametrize(
    "broken", ['1,"open\n2,x\n3,y', '1,"closed"early"', "1," + "x" * 10_000_000]
)
def test_a_row_that_is_no_csv_is_named(broken: str) -> None:
    assert refusal(f"id,note\n0,fine\n{broken}\n".encode()) == ("not_csv", 3)


def test_rows_and_columns_end_where_a_cohort_does() -> None:
    assert refusal(b"a,b\n" + b"1,2\n" * MAX_ROWS) == ("too_large", MAX_ROWS + 1)
    assert refusal(b"," * MAX_COLUMNS) == ("too_large", 1)
    assert len(read_delimited(b"a,b\n" + b",\n" * (MAX_ROWS + 1) + b"1,2\n")) == 2


def test_a_workbook_under_the_name_of_a_text_is_called_one() -> None:
    with pytest.raises(TableError, match=r"name it \.xlsx"):
        read_delimited(b"PK\x03\x04" + bytes(range(256)))
