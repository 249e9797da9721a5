from pathlib import Path

import pytest

from data.tables.table import Table
from data.tables.unused_columns import unused_columns, unused_files

KNOWN = ("patient_id", "lloq", "platform")


def said(*columns: str, others_are_kept: bool = False) -> list[str]:
    table = Table("t.csv", ("patient_id", *columns), ())
    found = list(unused_columns(table, KNOWN, others_are_kept=others_are_kept))
    assert {warning.rule for warning in found} <= {"unused_column"}
    return [f"{warning.column}: {warning.message}" for warning in found]


@pytest.mark.parametrize(
    ("column", "nearest"), [("loq", "lloq"), ("LLOQ2", "lloq"), ("Platfrom", "platform")]
)
def test_a_misspelt_column_is_named_with_the_nearest(column: str, nearest: str) -> None:
    expected = [f"{column}: this column is not read; is it {nearest}?"]
    assert said(column) == said(column, others_are_kept=True) == expected


def test_another_column_is_named_only_where_others_are_not_kept() -> None:
    assert said("comment") == ["comment: this column is not read"]
    assert said("comment", others_are_kept=True) == []


def test_a_column_is_not_taken_for_one_that_is_there() -> None:
    assert said("lloq", "loq") == ["loq: this column is not read"]


def test_only_files_that_look_like_a_misspelt_table_are_named(tmp_path: Path) -> None:
    for name in ("survivals.csv", "survival.csv", "notes.csv", "survivals.pdf"):
        (tmp_path / name).touch()
    (found,) = unused_files(tmp_path, ("survival", "cytokines"))
    assert (found.file, found.rule) == ("survivals.csv", "unused_file")
